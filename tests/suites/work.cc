// C++: exceptions through frames, threads and destructors, the library, static objects.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <fstream>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static void check(const char *what, bool good)
{
	std::cout << (good ? "ok " : "FAIL ") << what << std::endl;
}

static int alive;

struct Counted {
	Counted() { alive++; }
	~Counted() { alive--; }
};

struct Static {
	Static() { std::puts("static constructor"); }
	~Static() { std::puts("static destructor"); }
} object;

static void deep(int n)
{
	Counted c;
	if (n == 0)
		throw std::runtime_error("thrown from the depth");
	deep(n - 1);
}

struct Base {
	virtual ~Base() = default;
	virtual int value() const = 0;
};

struct Derived : Base {
	int value() const override { return 42; }
};

int main()
{
	try {
		deep(100);
		check("exception", false);
	} catch (const std::exception &e) {
		check("exception", std::string(e.what()) == "thrown from the depth" && alive == 0);
	}
	try {
		try {
			throw 7;
		} catch (int &i) {
			i++;
			throw;
		}
	} catch (int i) {
		check("thrown again", i == 8);
	}
	try {
		std::vector<int>().at(3);
	} catch (const std::out_of_range &) {
		check("out_of_range", true);
	}
	try {
		(void)new char[~0UL >> 2];
	} catch (const std::bad_alloc &) {
		check("bad_alloc", true);
	}
	std::unique_ptr<Base> b = std::make_unique<Derived>();
	check("virtual and dynamic_cast", b->value() == 42 && dynamic_cast<Derived *>(b.get()));
	std::exception_ptr error;
	std::thread([&] {
		try {
			deep(10);
		} catch (...) {
			error = std::current_exception();
		}
	}).join();
	try {
		std::rethrow_exception(error);
	} catch (const std::runtime_error &) {
		check("exception_ptr across threads", true);
	}
	auto f = std::async(std::launch::async, []() -> int { throw std::logic_error("in a future"); });
	try {
		f.get();
	} catch (const std::logic_error &e) {
		check("future", std::string(e.what()) == "in a future");
	}
	std::mutex m;
	std::condition_variable cv;
	int turn = 0;
	std::vector<std::thread> threads;
	for (int me = 0; me < 4; me++)
		threads.emplace_back([&, me] {
			for (int i = 0; i < 100; i++) {
				std::unique_lock<std::mutex> lock(m);
				cv.wait(lock, [&] { return turn % 4 == me; });
				turn++;
				cv.notify_all();
			}
		});
	for (auto &t : threads)
		t.join();
	check("threads in turns", turn == 400);
	std::ifstream in("/data/words");
	std::map<char, int> first;
	std::string word;
	while (in >> word)
		first[word[0]]++;
	check("streams and maps", first.size() == 14);
	std::ostringstream text;
	text << 1.5 << ' ' << std::hex << 255;
	check("formatting", text.str() == "1.5 ff");
	check("regex", std::regex_match("abc123", std::regex("[a-z]+[0-9]+")));
	auto start = std::chrono::steady_clock::now();
	std::this_thread::sleep_for(std::chrono::milliseconds(20));
	check("chrono", std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(20));
	std::cout << "done" << std::endl;
	return 9;
}
