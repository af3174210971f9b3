// A std program that uses what a program uses: files of the archive, error kinds, the environment,
// time, threads in all their forms, a caught panic, processes with piped stdio. Each line is one
// check; the output does not change from run to run. Run by test_rust.py on Tarn, static and dynamic.
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Barrier, Condvar, Mutex, Once, OnceLock, RwLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn check(what: &str, good: bool) {
    println!("{} {}", if good { "ok" } else { "FAIL" }, what);
}

fn kind<T>(r: io::Result<T>) -> Option<ErrorKind> {
    r.err().map(|e| e.kind())
}

fn files() -> io::Result<()> {
    let mut f = File::open("/data/words")?;
    let len = f.metadata()?.len();
    let mut head = [0u8; 16];
    f.read_exact(&mut head)?;
    check("seek Start", f.seek(SeekFrom::Start(8))? == 8);
    let mut part = [0u8; 8];
    f.read_exact(&mut part)?;
    check("the same bytes", part == head[8..]);
    check("seek Current", f.seek(SeekFrom::Current(-4))? == 12);
    check("stream_position", f.stream_position()? == 12);
    check("seek End", f.seek(SeekFrom::End(-1))? == len - 1);
    let mut rest = Vec::new();
    f.read_to_end(&mut rest)?;
    check("the last byte", rest == b"\n");
    check("seek before the start", kind(f.seek(SeekFrom::Current(-(len as i64) - 5))) == Some(ErrorKind::InvalidInput));
    let whole = fs::read_to_string("/data/words")?;
    check("lines", BufReader::new(File::open("/data/words")?).lines().count() == whole.lines().count());
    check("a longer line", fs::read("/data/long line")?.len() == 100001);

    let dir = std::env::temp_dir().join("rust-work");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir(&dir)?;
    let p = dir.join("file");
    let mut f = OpenOptions::new().read(true).write(true).create_new(true).open(&p)?;
    f.write_all(b"hello world")?;
    f.sync_all()?;
    f.seek(SeekFrom::Start(6))?;
    f.write_all(b"rust!")?;
    f.rewind()?;
    let mut s = String::new();
    f.read_to_string(&mut s)?;
    check("written and read", s == "hello rust!");
    f.set_len(5)?;
    check("set_len", fs::read(&p)? == b"hello");
    OpenOptions::new().append(true).open(&p)?.write_all(b" again")?;
    check("append", fs::read(&p)? == b"hello again");
    let m = fs::metadata(&p)?;
    check("metadata", m.is_file() && m.len() == 11 && !m.permissions().readonly());
    check("modified now", SystemTime::now().duration_since(m.modified()?).map_or(true, |d| d.as_secs() < 600));
    fs::copy(&p, dir.join("copy"))?;
    fs::rename(dir.join("copy"), dir.join("renamed"))?;
    fs::hard_link(&p, dir.join("hard"))?;
    std::os::unix::fs::symlink("file", dir.join("sym"))?;
    check("read_link", fs::read_link(dir.join("sym"))?.as_os_str() == "file");
    check("symlink_metadata", fs::symlink_metadata(dir.join("sym"))?.file_type().is_symlink());
    check("canonicalize", fs::canonicalize(dir.join("sym"))? == fs::canonicalize(&p)?);
    fs::create_dir_all(dir.join("a/b/c"))?;
    let mut names: Vec<String> = fs::read_dir(&dir)?.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    println!("   {}", names.join(" "));
    check("read_dir of the archive", fs::read_dir("/data")?.any(|e| e.unwrap().file_name() == "table2"));
    let mut perm = fs::metadata(&p)?.permissions();
    perm.set_readonly(true);
    fs::set_permissions(&p, perm)?;
    check("readonly", fs::metadata(&p)?.permissions().readonly());

    check("NotFound", kind(File::open("/no/such")) == Some(ErrorKind::NotFound));
    check("AlreadyExists", kind(fs::create_dir(&dir)) == Some(ErrorKind::AlreadyExists));
    check("AlreadyExists by create_new", kind(OpenOptions::new().write(true).create_new(true).open(&p)) == Some(ErrorKind::AlreadyExists));
    check("NotADirectory", kind(fs::read_dir("/data/words")).map(|k| format!("{k:?}")) == Some("NotADirectory".into()));
    check("NotADirectory in a path", kind(File::open("/data/words/x")).map(|k| format!("{k:?}")) == Some("NotADirectory".into()));
    check("IsADirectory", kind(File::create("/data")).map(|k| format!("{k:?}")) == Some("IsADirectory".into()));
    check("DirectoryNotEmpty", kind(fs::remove_dir(&dir)).map(|k| format!("{k:?}")) == Some("DirectoryNotEmpty".into()));
    check("InvalidInput", kind(File::open("a\0b")) == Some(ErrorKind::InvalidInput));
    check("UnexpectedEof", kind(File::open(&p)?.read_exact(&mut [0; 100])) == Some(ErrorKind::UnexpectedEof));
    fs::remove_dir_all(&dir)?;
    check("removed", !dir.exists());
    Ok(())
}

fn environment() {
    check("var", std::env::var("WORK").as_deref() == Ok("a value"));
    check("var not there", std::env::var("NOTHING").is_err());
    check("args", std::env::args().collect::<Vec<_>>()[1..] == ["one", "two words", ""]);
    check("current_exe", std::env::current_exe().is_ok_and(|p| p.is_absolute()));
    std::env::set_current_dir("/data").unwrap();
    check("current_dir", std::env::current_dir().unwrap().as_os_str() == "/data");
}

fn time() {
    let start = Instant::now();
    thread::sleep(Duration::from_millis(30));
    let took = start.elapsed();
    check("sleep", took >= Duration::from_millis(30) && took < Duration::from_secs(5));
    check("SystemTime", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() > 1_577_836_800);
    let mut last = Instant::now();
    check("Instant never goes back", (0..10000).all(|_| { let now = Instant::now(); let good = now >= last; last = now; good }));
}

thread_local!(static LOCAL: std::cell::Cell<usize> = const { std::cell::Cell::new(1) });
static ONCE: Once = Once::new();
static RAN: AtomicUsize = AtomicUsize::new(0);

fn threads() {
    let total = Arc::new(Mutex::new(0u64));
    let handles: Vec<_> = (0..8).map(|i| {
        let total = total.clone();
        thread::Builder::new().name(format!("worker-{i}")).spawn(move || {
            for _ in 0..5000 { *total.lock().unwrap() += i; }
            LOCAL.with(|l| { l.set(l.get() + i as usize); l.get() })
        }).unwrap()
    }).collect();
    let locals: usize = handles.into_iter().map(|h| h.join().unwrap()).sum();
    check("eight threads and a Mutex", *total.lock().unwrap() == 5000 * 28);
    check("thread-locals", locals == 36 && LOCAL.with(|l| l.get()) == 1);

    let map = RwLock::new(HashMap::new());
    thread::scope(|s| {
        for i in 0..4 { let map = &map; s.spawn(move || for k in 0..100 { map.write().unwrap().insert(i * 100 + k, k); }); }
        for _ in 0..4 { s.spawn(|| for k in 0..100 { let _ = map.read().unwrap().get(&k).copied(); }); }
    });
    check("RwLock and scoped threads", map.read().unwrap().len() == 400);

    let pair = Arc::new((Mutex::new(0), Condvar::new()));
    let turns: Vec<_> = (0..4).map(|me| {
        let pair = pair.clone();
        thread::spawn(move || for _ in 0..50 {
            let mut t = pair.1.wait_while(pair.0.lock().unwrap(), |t| *t % 4 != me).unwrap();
            *t += 1;
            pair.1.notify_all();
        })
    }).collect();
    for t in turns { t.join().unwrap(); }
    check("Condvar in turns", *pair.0.lock().unwrap() == 200);
    let (_guard, late) = pair.1.wait_timeout(pair.0.lock().unwrap(), Duration::from_millis(20)).unwrap();
    check("Condvar times out", late.timed_out());
    drop(_guard);

    let (tx, rx) = mpsc::channel();
    for i in 0..4u32 { let tx = tx.clone(); thread::spawn(move || for k in 0..250 { tx.send(i * 1000 + k).unwrap(); }); }
    drop(tx);
    check("mpsc", rx.iter().map(u64::from).sum::<u64>() == (0..4u64).map(|i| i * 1000 * 250 + 31125).sum());
    let (tx, rx) = mpsc::sync_channel(1);
    let t = thread::spawn(move || (0..100).map(|i| tx.send(i).is_ok()).filter(|g| *g).count());
    check("sync_channel", rx.into_iter().sum::<i32>() == 4950 && t.join().unwrap() == 100);
    let (_tx, rx) = mpsc::channel::<()>();
    check("recv_timeout", rx.recv_timeout(Duration::from_millis(10)) == Err(mpsc::RecvTimeoutError::Timeout));

    let barrier = Arc::new(Barrier::new(8));
    let leaders: usize = (0..8).map(|_| { let b = barrier.clone(); thread::spawn(move || (0..20).filter(|_| b.wait().is_leader()).count()) })
        .collect::<Vec<_>>().into_iter().map(|h| h.join().unwrap()).sum();
    check("Barrier", leaders == 20);

    let flag = Arc::new(AtomicUsize::new(0));
    let f = flag.clone();
    let parked = thread::spawn(move || { while f.load(Ordering::SeqCst) == 0 { thread::park(); } 7 });
    thread::sleep(Duration::from_millis(10));
    flag.store(1, Ordering::SeqCst);
    parked.thread().unpark();
    check("park and unpark", parked.join().unwrap() == 7);
    let start = Instant::now();
    thread::park_timeout(Duration::from_millis(15));
    check("park_timeout", start.elapsed() < Duration::from_secs(5));

    thread::scope(|s| for _ in 0..8 { s.spawn(|| ONCE.call_once(|| { RAN.fetch_add(1, Ordering::SeqCst); })); });
    let cell = OnceLock::new();
    thread::scope(|s| for i in 0..8 { let cell = &cell; s.spawn(move || cell.get_or_init(|| i)); });
    check("Once and OnceLock", RAN.load(Ordering::SeqCst) == 1 && cell.get().is_some());

    std::panic::set_hook(Box::new(|_| ()));
    let broken = Arc::new(Mutex::new(1));
    let b = broken.clone();
    let r = thread::spawn(move || { let _held = b.lock().unwrap(); panic!("on purpose {}", std::hint::black_box(42)); }).join();
    let _ = std::panic::take_hook();
    check("a panic caught across join", r.unwrap_err().downcast_ref::<String>().is_some_and(|s| s == "on purpose 42"));
    check("the Mutex is poisoned", broken.lock().is_err() && broken.is_poisoned());
    check("catch_unwind", std::panic::catch_unwind(|| { std::panic::resume_unwind(Box::new(5)) }).is_err());
    check("many short threads", (0..200).map(|i| thread::spawn(move || i).join().unwrap()).sum::<i32>() == 19900);
    check("available_parallelism", thread::available_parallelism().is_ok());
}

fn processes() -> io::Result<()> {
    let out = Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]).output()?;
    check("output", out.stdout == b"out\n" && out.stderr == b"err\n" && out.status.code() == Some(3));
    let mut child = Command::new("tr").args(["a-z", "A-Z"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().unwrap();
    let writer = thread::spawn(move || { for _ in 0..2000 { stdin.write_all(b"piped through a child\n").unwrap(); } });
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text)?;
    writer.join().unwrap();
    check("piped stdio", text.lines().count() == 2000 && text.lines().all(|l| l == "PIPED THROUGH A CHILD") && child.wait()?.success());
    let mut sleeper = Command::new("sleep").arg("100").spawn()?;
    check("try_wait", sleeper.try_wait()?.is_none());
    sleeper.kill()?;
    use std::os::unix::process::ExitStatusExt;
    check("kill", sleeper.wait()?.signal() == Some(9));
    let out = Command::new("env").env_clear().env("ONLY", "this").output()?;
    check("env_clear", out.stdout == b"ONLY=this\n");
    let out = Command::new("pwd").current_dir("/bin").output()?;
    check("current_dir of a child", out.stdout == b"/bin\n");
    check("a child that is not there", kind(Command::new("/no/such/program").spawn().map(|_| ())) == Some(ErrorKind::NotFound));
    check("one that can't be run", kind(Command::new("/data/words").spawn().map(|_| ())) == Some(ErrorKind::PermissionDenied));
    use std::os::unix::process::CommandExt;
    let out = Command::new("cat").arg("/private").uid(1000).gid(1000).output()?;
    check("PermissionDenied for another user", !out.status.success() && String::from_utf8_lossy(&out.stderr).contains("Permission denied"));
    let me = Command::new(std::env::current_exe()?).arg("user").uid(1000).output()?;
    print!("{}", String::from_utf8_lossy(&me.stdout));
    let many: Vec<_> = (0..12).map(|i| Command::new("sh").arg("-c").arg(format!("exit {i}")).spawn().unwrap()).collect();
    check("a dozen at once", many.into_iter().enumerate().all(|(i, mut c)| c.wait().unwrap().code() == Some(i as i32)));
    Ok(())
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("user") {
        check("PermissionDenied", kind(File::open("/private")) == Some(ErrorKind::PermissionDenied));
        return;
    }
    files().unwrap_or_else(|e| println!("FAIL files: {e}"));
    environment();
    time();
    threads();
    processes().unwrap_or_else(|e| println!("FAIL processes: {e}"));
    println!("done");
    std::process::exit(5);
}
