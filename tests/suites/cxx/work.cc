// C++: exceptions across frames, threads and nested handlers, iostreams, containers, threads and
// futures, thread-locals, dynamic casts, destruction order. What it prints is the same on every run;
// status 0 when all of it held.
#include <algorithm>
#include <any>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <locale>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <random>
#include <regex>
#include <set>
#include <shared_mutex>
#include <sstream>
#include <string>
#include <thread>
#include <typeinfo>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

namespace fs = std::filesystem;
const fs::path data = "/data";
std::atomic<int> alive{0};

void check(bool ok, const char *what)
{
	if (!ok)
		throw std::logic_error(std::string("failed: ") + what);
}

// ---- exceptions ----

struct Tracked {
	explicit Tracked(int id) : id_(id) { ++alive; }
	Tracked(const Tracked &other) : id_(other.id_) { ++alive; }
	Tracked &operator=(const Tracked &) = default;
	~Tracked() { --alive; }
	int id_;
};

struct Shape {
	virtual ~Shape() = default;
	virtual double area() const = 0;
};
struct Square : Shape {
	double side = 2;
	double area() const override { return side * side; }
};
struct Circle : Shape {
	double area() const override { return 3; }
};

struct Oops : std::runtime_error {
	Oops(const std::string &what, int number) : std::runtime_error(what), code(number) {}
	int code;
};

[[gnu::noinline]] int dive(int depth)
{
	Tracked here(depth);
	if (depth == 0)
		throw Oops("from the bottom", 42);
	return dive(depth - 1) + here.id_;
}

void exceptions()
{
	try {
		dive(200);
	} catch (const Oops &e) {
		std::cout << e.what() << ", code " << e.code << ", alive " << alive << '\n';
	}
	try {
		try {
			throw std::out_of_range("inner");
		} catch (const std::exception &) {
			std::throw_with_nested(std::invalid_argument("outer"));
		}
	} catch (const std::exception &e) {
		std::cout << e.what();
		try {
			std::rethrow_if_nested(e);
		} catch (const std::exception &inner) {
			std::cout << " around " << inner.what() << '\n';
		}
	}
	std::exception_ptr kept;
	std::thread([&] {
		try {
			dive(20);
		} catch (...) {
			kept = std::current_exception();
		}
	}).join();
	try {
		std::rethrow_exception(kept);
	} catch (const Oops &e) {
		std::cout << "of another thread: " << e.what() << '\n';
	}
	kept = nullptr;
	int caught = 0;
	for (int i = 0; i < 2000; i++) {
		try {
			switch (i % 4) {
			case 0: throw i;
			case 1: throw std::string("text");
			case 2: throw std::make_unique<Tracked>(i);
			default: (void)std::vector<int>(3).at(static_cast<size_t>(i));
			}
		} catch (int) {
			caught += 1;
		} catch (const std::string &) {
			caught += 10;
		} catch (const std::unique_ptr<Tracked> &p) {
			caught += p->id_ % 2 ? 0 : 100;
		} catch (const std::out_of_range &) {
			caught += 1000;
		}
	}
	std::cout << "caught " << caught << ", alive " << alive << '\n';
	try {
		volatile size_t many = SIZE_MAX / 4;
		std::unique_ptr<long[]> p(new long[many]);
		std::cout << "allocated\n";
	} catch (const std::bad_alloc &e) {
		std::cout << "no memory: " << e.what() << '\n';
	}
	std::unique_ptr<Shape> s = std::make_unique<Square>();
	std::cout << "cast " << (dynamic_cast<Square *>(s.get()) != nullptr) << ' '
		  << (dynamic_cast<Circle *>(s.get()) != nullptr) << ' ' << (typeid(*s) == typeid(Square)) << '\n';
	try {
		(void)dynamic_cast<Circle &>(*s);
	} catch (const std::bad_cast &e) {
		std::cout << e.what() << '\n';
	}
	try {
		(void)std::any_cast<int>(std::any(std::string("x")));
	} catch (const std::bad_any_cast &e) {
		std::cout << e.what() << '\n';
	}
}

// ---- threads ----

thread_local Tracked local(7);

void threads()
{
	std::mutex lock;
	std::shared_mutex shared;
	std::condition_variable changed;
	std::map<int, int> table;
	std::vector<std::thread> all;
	int turn = 0;
	for (int me = 0; me < 8; me++)
		all.emplace_back([&, me] {
			local.id_ += me;
			for (int i = 0; i < 200; i++) {
				std::unique_lock<std::shared_mutex> w(shared);
				table[i] += local.id_;
				w.unlock();
				std::shared_lock<std::shared_mutex> r(shared);
				check(table.at(i) > 0, "table");
			}
			for (int round = 0; round < 20; round++) {
				std::unique_lock<std::mutex> l(lock);
				changed.wait(l, [&] { return turn == round * 8 + me; });
				++turn;
				changed.notify_all();
			}
		});
	for (auto &t : all)
		t.join();
	std::cout << "table " << table[0] << ' ' << table[199] << ", turns " << turn << ", alive " << alive << '\n';

	std::promise<int> promise;
	auto later = std::async(std::launch::async, [f = promise.get_future()]() mutable { return f.get() * 2; });
	promise.set_value(21);
	std::cout << "future " << later.get() << '\n';
	auto fails = std::async(std::launch::async, []() -> int { throw Oops("async", 1); });
	try {
		fails.get();
	} catch (const Oops &e) {
		std::cout << "future threw " << e.what() << '\n';
	}
	try {
		std::future<void> f;
		{
			std::promise<void> broken;
			f = broken.get_future();
		}
		f.get();
	} catch (const std::future_error &e) {
		std::cout << "broken " << (e.code() == std::future_errc::broken_promise) << '\n';
	}
	std::vector<std::future<long>> parts;
	for (long i = 0; i < 16; i++)
		parts.push_back(std::async(std::launch::async, [i] {
			long s = 0;
			for (long n = i * 1000; n < (i + 1) * 1000; n++)
				s += n;
			return s;
		}));
	std::cout << "parts "
		  << std::accumulate(parts.begin(), parts.end(), 0L, [](long s, auto &f) { return s + f.get(); })
		  << '\n';
	std::once_flag once;
	int runs = 0;
	{
		std::vector<std::thread> racers;
		for (int i = 0; i < 8; i++)
			racers.emplace_back([&] { std::call_once(once, [&] { ++runs; }); });
		for (auto &t : racers)
			t.join();
	}
	std::unique_lock<std::mutex> l(lock);
	auto status = changed.wait_for(l, std::chrono::milliseconds(10));
	auto t0 = std::chrono::steady_clock::now();
	std::this_thread::sleep_for(std::chrono::milliseconds(10));
	check(std::chrono::steady_clock::now() - t0 >= std::chrono::milliseconds(10), "sleep");
	std::cout << "once " << runs << ", timed out " << (status == std::cv_status::timeout) << '\n';
}

// ---- streams and files ----

void streams()
{
	std::ifstream in(data / "voyage.txt");
	check(in.good(), "voyage.txt");
	std::map<std::string, int> words;
	std::string line;
	int lines = 0;
	std::regex word("[A-Za-z]{6,}");
	while (std::getline(in, line)) {
		++lines;
		for (std::sregex_iterator i(line.begin(), line.end(), word), end; i != end; ++i)
			++words[i->str()];
	}
	auto top = std::max_element(words.begin(), words.end(), [](auto &a, auto &b) { return a.second < b.second; });
	std::cout << lines << " lines, " << words.size() << " words, most often " << top->first << '\n';
	in.clear();
	in.seekg(-10, std::ios::end);
	auto at = in.tellg();
	std::getline(in, line);
	std::cout << "at " << at << ": " << line << '\n';

	fs::path dir = fs::temp_directory_path() / "cxx-work";
	fs::create_directories(dir / "a" / "b");
	{
		std::ofstream out(dir / "a" / "numbers");
		for (int i = 0; i < 20000; i++)
			out << i << (i % 10 == 9 ? '\n' : ' ');
	}
	std::fstream both(dir / "a" / "numbers");
	long sum = std::accumulate(std::istream_iterator<long>(both), std::istream_iterator<long>(), 0L);
	std::cout << "sum " << sum << ", size " << fs::file_size(dir / "a" / "numbers") << '\n';
	fs::copy_file(dir / "a" / "numbers", dir / "copy");
	fs::create_symlink("copy", dir / "link");
	fs::rename(dir / "copy", dir / "a" / "b" / "moved");
	fs::permissions(dir / "a" / "b" / "moved", fs::perms::owner_read);
	std::set<std::string> found;
	for (auto &e : fs::recursive_directory_iterator(dir))
		found.insert(fs::relative(e.path().parent_path(), dir) / e.path().filename());
	for (auto &name : found)
		std::cout << name << ' ';
	std::cout << "dangling " << (fs::is_symlink(dir / "link") && !fs::exists(dir / "link")) << '\n';
	std::error_code ec;
	fs::remove(dir / "a", ec);
	std::cout << "remove: " << ec.message() << '\n';
	try {
		(void)fs::file_size("/no/such");
	} catch (const fs::filesystem_error &e) {
		std::cout << "size: " << e.code().message() << '\n';
	}
	std::cout << "removed " << fs::remove_all(dir) << '\n';
	std::ifstream missing("/no/such/file");
	missing.exceptions(std::ios::goodbit);
	std::cout << "missing " << missing.fail() << '\n';
	try {
		std::ifstream bad;
		bad.exceptions(std::ios::failbit);
		bad.open("/no/such/file");
	} catch (const std::ios_base::failure &e) {
		std::cout << "stream threw\n";
	}
	std::ostringstream text;
	text << std::setw(8) << std::setfill('*') << 42 << std::hex << std::showbase << ' ' << 255 << std::dec << ' '
	     << std::fixed << std::setprecision(3) << 2.0 / 3 << ' ' << std::boolalpha << true << ' '
	     << std::put_time(std::gmtime(std::array<time_t, 1>{1767225600}.data()), "%F %T");
	std::cout << text.str() << '\n';
}

void library()
{
	std::mt19937 random(1);
	std::vector<unsigned> v(20000);
	std::generate(v.begin(), v.end(), std::ref(random));
	std::sort(v.begin(), v.end());
	check(std::is_sorted(v.begin(), v.end()), "sort");
	std::unordered_map<std::string, int> m;
	for (int i = 0; i < 10000; i++)
		m["k" + std::to_string(i % 1234)] += i;
	std::variant<int, std::string> either = "text";
	std::optional<int> none;
	std::cout << "map " << m.size() << ' ' << m["k7"] << ", variant " << either.index() << ", "
		  << none.value_or(-1) << ", random " << std::mt19937(5489)() << '\n';
	try {
		(void)std::get<int>(either);
	} catch (const std::bad_variant_access &) {
		std::cout << "not an int\n";
	}
	try {
		(void)std::stoi("x");
	} catch (const std::invalid_argument &e) {
		std::cout << e.what() << '\n';
	}
	std::random_device device;
	check(device() != device() || device() != device(), "random_device");
}

struct AtEnd {
	~AtEnd() { std::cout << "all done" << std::endl; }
} at_end;

} // namespace

int main()
{
	try {
		exceptions();
		threads();
		streams();
		library();
	} catch (const std::exception &e) {
		std::cerr << e.what() << '\n';
		return 1;
	}
	return 0;
}
