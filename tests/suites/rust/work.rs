//! A day's work for Rust's standard library: files of the root archive, files of its own, errors,
//! environment, time, threads, processes, sockets over the loopback. Every line it prints is the same on every run; what it
//! measures or compares is checked with assert. Exit status 0 when all of it held.
//!
//! It runs itself again for the process part: `work child`, `work peek PATH`, `work abort`.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::env;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, prelude::*, BufReader, BufWriter, ErrorKind, SeekFrom};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{symlink, FileExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Barrier, Condvar, Mutex, Once, OnceLock, RwLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

const DATA: &str = "/data";

fn main() -> io::Result<()> {
    let mut args = env::args().skip(1);
    match args.next().as_deref() {
        Some("child") => return child(),
        Some("peek") => return peek(&args.next().expect("a path")),
        Some("abort") => process::abort(),
        _ => (),
    }
    let dir = PathBuf::from(format!("/tmp/rust-work-{}", process::id()));
    fs::create_dir(&dir)?;
    archive_files()?;
    own_files(&dir)?;
    folders(&dir)?;
    errors(&dir)?;
    environment()?;
    time()?;
    locks();
    channels();
    threads();
    panics();
    processes(&dir)?;
    streams(&dir)?;
    datagrams(&dir)?;
    fs::remove_dir_all(&dir)?;
    assert!(!dir.exists());
    println!("all done");
    Ok(())
}

/// FNV-1a, to say in one word what a file holds.
fn digest(data: &[u8]) -> u64 {
    data.iter().fold(0xcbf29ce484222325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100000001b3))
}

/// Read, seek and read again in a file that came with the root archive.
fn archive_files() -> io::Result<()> {
    let path = Path::new(DATA).join("voyage.txt");
    let whole = fs::read(&path)?;
    println!("voyage.txt: {} bytes, digest {:016x}", whole.len(), digest(&whole));

    let mut file = File::open(&path)?;
    let mut word = [0u8; 8];
    file.read_exact(&mut word)?;
    assert_eq!(word[..], whole[..8]);
    let at = file.seek(SeekFrom::Start(100))?;
    file.read_exact(&mut word)?;
    assert_eq!(word[..], whole[100..108]);
    let here = file.seek(SeekFrom::Current(-20))?;
    file.read_exact(&mut word)?;
    assert_eq!(word[..], whole[88..96]);
    let end = file.seek(SeekFrom::End(-8))?;
    file.read_exact(&mut word)?;
    assert_eq!(word[..], whole[whole.len() - 8..]);
    println!("seek: start {at}, current {here}, end {}", whole.len() as u64 - end);
    assert_eq!(file.read(&mut word)?, 0);
    assert_eq!(file.seek(SeekFrom::End(1000))?, whole.len() as u64 + 1000);
    assert_eq!(file.read(&mut word)?, 0);
    let before = file.seek(SeekFrom::Current(-1_000_000)).unwrap_err();
    println!("seek before the start: {:?}", before.kind());
    assert_eq!(file.stream_position()?, whole.len() as u64 + 1000);
    file.rewind()?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    assert_eq!(text.as_bytes(), &whole[..]);
    assert_eq!(file.read_at(&mut word, 40)?, 8);
    assert_eq!(word[..], whole[40..48]);

    let longest = text.lines().max_by_key(|l| l.len()).unwrap_or("");
    let mut counts = BTreeMap::new();
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|w| w.len() > 4) {
        *counts.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    let mut top: Vec<_> = counts.into_iter().collect();
    top.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    println!("{} lines, longest {:?}", text.lines().count(), longest);
    println!("most frequent {:?}", &top[..4]);

    let reader = BufReader::new(File::open(Path::new(DATA).join("ports.csv"))?);
    let mut sum = 0u64;
    for line in reader.lines().skip(1) {
        sum += line?.split(',').nth(2).and_then(|f| f.parse::<u64>().ok()).unwrap_or(0);
    }
    println!("ports.csv: third column {sum}");

    let meta = fs::metadata(&path)?;
    println!("metadata: file {} len {} mode {:o} uid {} links {} mtime {}", meta.is_file(),
        meta.len(), meta.mode(), meta.uid(), meta.nlink(), meta.mtime());
    let link = Path::new(DATA).join("tree/link");
    println!("link to {:?}, a symlink {}, leads to {:?}", fs::read_link(&link)?,
        fs::symlink_metadata(&link)?.file_type().is_symlink(), fs::canonicalize(&link)?);
    let (a, b) = (fs::metadata(&path)?, fs::metadata(Path::new(DATA).join("tree/hard"))?);
    println!("hard link: same file {}", a.dev() == b.dev() && a.ino() == b.ino());
    Ok(())
}

/// Make, write, append, truncate and read files.
fn own_files(dir: &Path) -> io::Result<()> {
    let path = dir.join("log");
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
    file.write_all(b"first line\n")?;
    file.sync_all()?;
    let mut more = OpenOptions::new().append(true).open(&path)?;
    more.write_all(b"appended\n")?;
    file.write_all(b"SECOND ")?;
    more.write_all(b"end\n")?;
    file.rewind()?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    println!("log: {text:?}");
    file.set_len(5)?;
    file.write_all_at(b"Z", 4)?;
    println!("truncated: {:?}", fs::read_to_string(&path)?);
    file.set_len(9)?;
    println!("extended: {:?}", fs::read(&path)?);
    OpenOptions::new().write(true).truncate(true).open(&path)?;
    println!("emptied: {}", fs::metadata(&path)?.len());

    let big = dir.join("big");
    let mut out = BufWriter::with_capacity(7000, File::create(&big)?);
    for i in 0..60_000u32 {
        out.write_all(&i.wrapping_mul(2654435761).to_le_bytes())?;
    }
    out.into_inner()?.sync_data()?;
    let data = fs::read(&big)?;
    println!("big: {} bytes, digest {:016x}", data.len(), digest(&data));
    println!("copied {}", fs::copy(&big, dir.join("copy"))?);
    assert_eq!(fs::read(dir.join("copy"))?, data);

    fs::set_permissions(&big, fs::Permissions::from_mode(0o640))?;
    println!("mode {:o}", fs::metadata(&big)?.mode());
    let then = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 500);
    File::options().write(true).open(&big)?.set_modified(then)?;
    println!("modified {:?}", fs::metadata(&big)?.modified()?.duration_since(SystemTime::UNIX_EPOCH));

    fs::hard_link(&big, dir.join("hard"))?;
    symlink("hard", dir.join("soft"))?;
    fs::rename(dir.join("hard"), dir.join("renamed"))?;
    println!("links {}, dangling {}", fs::metadata(&big)?.nlink(), !dir.join("soft").exists());
    let twin = file.try_clone()?;
    file.write_all_at(b"shared offset", 0)?;
    file.seek(SeekFrom::Start(7))?;
    let mut rest = String::new();
    (&twin).read_to_string(&mut rest)?;
    println!("clone reads {rest:?}");
    fs::remove_file(&path)?;
    file.write_all_at(b"without a name", 0)?;
    let mut ghost = [0; 14];
    twin.read_exact_at(&mut ghost, 0)?;
    println!("unlinked: {}", String::from_utf8_lossy(&ghost));
    Ok(())
}

/// Make, list and remove folders.
fn folders(dir: &Path) -> io::Result<()> {
    let top = dir.join("a");
    fs::create_dir_all(top.join("b/c"))?;
    for i in 0..300 {
        fs::write(top.join(format!("b/file{i:03}")), format!("{i}"))?;
    }
    let mut found = Vec::new();
    walk(&top, &mut found)?;
    found.sort();
    println!("{} entries, first {:?}", found.len(), found[0].strip_prefix(dir).unwrap());
    let sizes: u64 = found.iter().map(|p| fs::metadata(p).unwrap()).filter(|m| m.is_file()).map(|m| m.len()).sum();
    println!("sizes {sizes}");
    let odd = OsString::from_vec(vec![b'n', 0xff, b'\n', b' ']);
    fs::write(top.join(&odd), b"")?;
    assert!(fs::read_dir(&top)?.any(|e| e.unwrap().file_name() == odd));
    let mut names: Vec<_> = fs::read_dir(Path::new(DATA).join("tree"))?
        .map(|e| e.map(|e| (e.file_name().into_string().unwrap(), e.file_type().unwrap().is_dir())))
        .collect::<io::Result<_>>()?;
    names.sort();
    println!("tree: {names:?}");
    fs::remove_dir_all(&top)?;
    println!("gone: {:?}", fs::read_dir(&top).map(|_| ()).unwrap_err().kind());
    Ok(())
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        found.push(entry.path());
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), found)?;
        }
    }
    Ok(())
}

/// The kinds that the standard library makes of errno.
fn errors(dir: &Path) -> io::Result<()> {
    let plain = dir.join("plain");
    fs::write(&plain, b"x")?;
    fs::set_permissions(&plain, fs::Permissions::from_mode(0o600))?;
    let full = dir.join("full");
    fs::create_dir_all(full.join("x"))?;
    symlink("loop", dir.join("loop"))?;
    let show = |what: &str, r: io::Result<()>| {
        let e = r.expect_err(what);
        println!("{what}: {:?}, errno {:?}", e.kind(), e.raw_os_error());
    };
    show("open what is not", File::open(dir.join("nothing")).map(drop));
    show("create_new over a file", File::create_new(&plain).map(drop));
    show("create_dir over a folder", fs::create_dir(&full));
    show("a file as folder", File::open(plain.join("x")).map(drop));
    show("list a file", fs::read_dir(&plain).map(drop));
    show("write a folder", OpenOptions::new().write(true).open(&full).map(drop));
    show("remove a full folder", fs::remove_dir(&full));
    show("remove_file of a folder", fs::remove_file(&full));
    show("a loop of links", File::open(dir.join("loop")).map(drop));
    show("a long name", File::open(dir.join("n".repeat(300))).map(drop));
    show("NUL in a name", File::open("a\0b").map(drop));
    show("run what is not", Command::new("/nothing").spawn().map(drop));
    show("run a plain file", Command::new(&plain).spawn().map(drop));
    show("read what is write-only", File::create(dir.join("w")).and_then(|mut f| f.read(&mut [0]).map(drop)));
    show("end of file", File::open(&plain).and_then(|mut f| f.read_exact(&mut [0; 9])));
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?;
    let other = Command::new(env::current_exe()?).arg("peek").arg(&plain).output()?;
    print!("as another user: {}", String::from_utf8_lossy(&other.stdout));
    assert_eq!(ErrorKind::NotFound, fs::metadata(dir.join("none")).unwrap_err().kind());
    Ok(())
}

extern "C" {
    fn setuid(uid: u32) -> i32;
}

/// `work peek PATH`: what another user is told.
fn peek(path: &str) -> io::Result<()> {
    assert_eq!(unsafe { setuid(1000) }, 0);
    let read = File::open(path).unwrap_err().kind();
    let make = File::create("/data/mine").unwrap_err().kind();
    let remove = fs::remove_file(path).unwrap_err().kind();
    println!("{read:?} {make:?} {remove:?}");
    Ok(())
}

fn environment() -> io::Result<()> {
    env::set_var("WORK_A", "one=two");
    env::set_var("WORK_B", "");
    println!("env {:?} {:?} {:?}", env::var("WORK_A"), env::var("WORK_B"), env::var("WORK_C"));
    env::remove_var("WORK_A");
    assert!(env::vars_os().all(|(k, _)| k != "WORK_A"));
    let before = env::current_dir()?;
    env::set_current_dir(Path::new(DATA).join("tree"))?;
    println!("cwd {:?}, relative {}", env::current_dir()?, Path::new("../voyage.txt").exists());
    env::set_current_dir(before)?;
    assert!(thread::available_parallelism()?.get() >= 1);
    assert_eq!(env::args().count(), 1);
    Ok(())
}

fn time() -> io::Result<()> {
    let (t0, s0) = (Instant::now(), SystemTime::now());
    thread::sleep(Duration::from_millis(25));
    let (dt, ds) = (t0.elapsed(), s0.elapsed().expect("the clock went back"));
    assert!(dt >= Duration::from_millis(25) && dt < Duration::from_secs(20), "{dt:?}");
    assert!(ds >= Duration::from_millis(24), "{ds:?}");
    let year = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / 31_556_952 + 1970;
    assert!((2024..2100).contains(&year), "{year}");
    let mut last = Instant::now();
    for _ in 0..20_000 {
        let now = Instant::now();
        assert!(now >= last);
        last = now;
    }
    println!("time goes on");
    Ok(())
}

/// Eight threads on a mutex, a read-write lock, a condition variable and a barrier.
fn locks() {
    let count = Arc::new((Mutex::new(0u64), Condvar::new()));
    let map = Arc::new(RwLock::new(HashMap::new()));
    let barrier = Arc::new(Barrier::new(8));
    let leaders = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..8u64)
        .map(|i| {
            let (count, map, barrier, leaders) = (count.clone(), map.clone(), barrier.clone(), leaders.clone());
            thread::Builder::new().name(format!("worker-{i}")).spawn(move || {
                for round in 0..50 {
                    for _ in 0..40 {
                        *count.0.lock().unwrap() += 1;
                    }
                    map.write().unwrap().insert((i, round), i * round);
                    if barrier.wait().is_leader() {
                        leaders.fetch_add(1, Ordering::Relaxed);
                    }
                    // every thread has put in its word of this round
                    assert!(map.read().unwrap().len() as u64 >= (round + 1) * 8);
                    count.1.notify_all();
                }
                thread::current().name().map(str::to_owned)
            }).unwrap()
        })
        .collect();
    let mut n = count.0.lock().unwrap();
    while *n < 8 * 50 * 40 {
        n = count.1.wait(n).unwrap();
    }
    let (n, late) = count.1.wait_timeout_while(n, Duration::from_millis(10), |_| true).unwrap();
    println!("counted {}, timed out {}", *n, late.timed_out());
    drop(n);
    let names: Vec<_> = threads.into_iter().map(|t| t.join().unwrap().unwrap()).collect();
    println!("{} .. {}, leaders {}", names[0], names[7], leaders.load(Ordering::SeqCst));
    println!("sum {}", map.read().unwrap().values().sum::<u64>());

    let turn = (Mutex::new(0), Condvar::new());
    let order = Mutex::new(Vec::new());
    thread::scope(|s| {
        for me in (0..8).rev() {
            let (turn, order) = (&turn, &order);
            s.spawn(move || {
                for round in 0..20 {
                    let mut now = turn.0.lock().unwrap();
                    while *now != round * 8 + me {
                        now = turn.1.wait(now).unwrap();
                    }
                    order.lock().unwrap().push(*now);
                    *now += 1;
                    turn.1.notify_all();
                }
            });
        }
    });
    let order = order.into_inner().unwrap();
    println!("turns in order {}", order.len() == 160 && order.windows(2).all(|w| w[1] == w[0] + 1));
}

/// Messages from four senders, through bounded and unbounded channels.
fn channels() {
    let (send, receive) = mpsc::channel();
    for i in 0..4u64 {
        let send = send.clone();
        thread::spawn(move || (0..500).for_each(|j| send.send(i * 1000 + j).unwrap()));
    }
    drop(send);
    let mut last = [None; 4];
    let mut sum = 0;
    for v in receive {
        let slot = &mut last[(v / 1000) as usize];
        assert!(slot.map_or(true, |old| old < v), "a sender's messages changed order");
        *slot = Some(v);
        sum += v;
    }
    println!("received {sum}");
    let (send, receive) = mpsc::sync_channel(2);
    let feeder = thread::spawn(move || {
        for i in 0..1000u32 {
            send.send(i).unwrap();
        }
    });
    assert!(receive.iter().eq(0..1000));
    feeder.join().unwrap();
    println!("closed: {:?}", receive.recv_timeout(Duration::from_millis(1)));
    let (_keep, receive) = mpsc::channel::<()>();
    println!("waited: {:?}", receive.recv_timeout(Duration::from_millis(15)));
}

thread_local! {
    static LOCAL: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    static GUARD: Guard = const { Guard(Cell::new(0)) };
}
static DROPPED: AtomicUsize = AtomicUsize::new(0);

struct Guard(Cell<usize>);

impl Drop for Guard {
    fn drop(&mut self) {
        DROPPED.fetch_add(self.0.get(), Ordering::SeqCst);
    }
}

/// Scoped threads, thread-locals and their destructors, park, Once, many short threads.
fn threads() {
    let mut numbers: Vec<u64> = (0..8000).collect();
    thread::scope(|s| {
        for part in numbers.chunks_mut(1000) {
            s.spawn(move || part.iter_mut().for_each(|n| *n = *n * *n));
        }
    });
    println!("squares {}", numbers.iter().sum::<u64>());

    thread::scope(|s| {
        for i in 1..=8 {
            s.spawn(move || {
                LOCAL.with_borrow_mut(|v| v.extend(0..i));
                thread::yield_now();
                assert_eq!(LOCAL.with_borrow(Vec::len), i);
                GUARD.with(|g| g.0.set(i));
            });
        }
    });
    let until = Instant::now() + Duration::from_secs(10);
    while DROPPED.load(Ordering::SeqCst) != 36 && Instant::now() < until {
        thread::sleep(Duration::from_millis(1));
    }
    println!("thread-locals dropped {}, here {}", DROPPED.load(Ordering::SeqCst), LOCAL.with_borrow(Vec::len));

    static STAGE: AtomicUsize = AtomicUsize::new(0);
    let sleeper = thread::spawn(|| {
        for want in 1..=200 {
            while STAGE.load(Ordering::Acquire) < want {
                thread::park();
            }
        }
        STAGE.load(Ordering::Relaxed)
    });
    for _ in 0..200 {
        STAGE.fetch_add(1, Ordering::Release);
        sleeper.thread().unpark();
    }
    println!("parked and woken: {}", sleeper.join().unwrap());
    let t0 = Instant::now();
    thread::park_timeout(Duration::from_millis(5));
    assert!(t0.elapsed() < Duration::from_secs(20));

    static ONCE: Once = Once::new();
    static CELL: OnceLock<usize> = OnceLock::new();
    let runs = AtomicUsize::new(0);
    thread::scope(|s| {
        for i in 0..8 {
            let runs = &runs;
            s.spawn(move || {
                ONCE.call_once(|| { runs.fetch_add(1, Ordering::Relaxed); });
                CELL.get_or_init(|| i);
            });
        }
    });
    println!("once {}, set {}", runs.into_inner(), CELL.get().is_some());
    let total: usize = (0..200).map(|i| thread::spawn(move || i).join().unwrap()).sum();
    println!("two hundred threads {total}");
    let deep = thread::Builder::new().stack_size(8 << 20).spawn(|| dive(20_000)).unwrap();
    println!("deep stack {}", deep.join().unwrap());
}

fn dive(n: u64) -> u64 {
    let pad = std::hint::black_box([n; 16]);
    if n == 0 { 0 } else { pad[3] - n + 1 + dive(n - 1) }
}

/// A panic unwinds its thread, poisons what it held, and is seen by join.
fn panics() {
    std::panic::set_hook(Box::new(|_| ()));
    let lock = Arc::new(Mutex::new(1));
    let held = lock.clone();
    let dropped = Arc::new(AtomicBool::new(false));
    struct Note(Arc<AtomicBool>);
    impl Drop for Note {
        fn drop(&mut self) {
            self.0.store(thread::panicking(), Ordering::SeqCst);
        }
    }
    let note = Note(dropped.clone());
    let thread = thread::spawn(move || {
        let _note = note;
        let _guard = held.lock().unwrap();
        let v: Vec<i32> = Vec::new();
        v[std::hint::black_box(3)]
    });
    let why = thread.join().unwrap_err();
    println!("panic: {}", why.downcast_ref::<String>().unwrap());
    println!("poisoned {}, unwound {}", lock.is_poisoned(), dropped.load(Ordering::SeqCst));
    let caught = std::panic::catch_unwind(|| { panic!("caught here") });
    println!("catch_unwind: {:?}", caught.unwrap_err().downcast_ref::<&str>());
    let _ = std::panic::take_hook();
}

/// `work child`: says where it is and repeats its input in capitals.
fn child() -> io::Result<()> {
    println!("cwd {:?} TOKEN {:?} args {:?}", env::current_dir()?, env::var("TOKEN"),
        env::args().skip(1).collect::<Vec<_>>());
    let mut lines = 0;
    for line in io::stdin().lines() {
        println!("{}", line?.to_uppercase());
        lines += 1;
    }
    eprintln!("{lines} lines");
    process::exit(7);
}

fn processes(dir: &Path) -> io::Result<()> {
    let me = env::current_exe()?;
    let mut run = Command::new(&me).args(["child", "two words"]).env("TOKEN", "x y")
        .stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut input = run.stdin.take().unwrap();
    let feeder = thread::spawn(move || -> io::Result<()> {
        for i in 0..20_000 {
            writeln!(input, "line {i} of the input")?;
        }
        Ok(())
    });
    let out = run.wait_with_output()?;
    feeder.join().unwrap()?;
    let text = String::from_utf8_lossy(&out.stdout);
    println!("child: {:?}, {}", out.status.code(), text.lines().next().unwrap());
    println!("child: {} bytes, digest {:016x}, {:?}", out.stdout.len(), digest(&out.stdout),
        String::from_utf8_lossy(&out.stderr));

    let mut stuck = Command::new(&me).arg("child").stdin(Stdio::piped()).stdout(Stdio::null())
        .stderr(Stdio::null()).spawn()?;
    println!("still running: {:?}", stuck.try_wait()?.is_none());
    stuck.kill()?;
    println!("killed by {:?}", stuck.wait()?.signal());
    println!("aborted by {:?}", Command::new(&me).arg("abort").status()?.signal());

    let log = dir.join("output");
    let file = File::create(&log)?;
    let status = Command::new("/bin/sh").args(["-c", "echo to the file; exit 3"]).stdout(file).status()?;
    println!("sh: {:?}, {:?}", status.code(), fs::read_to_string(&log)?);
    let mut list = Command::new("/bin/sort").arg("-r").stdin(File::open(Path::new(DATA).join("ports.csv"))?)
        .stdout(Stdio::piped()).spawn()?;
    let first = Command::new("/bin/head").args(["-n", "1"]).stdin(list.stdout.take().unwrap()).output()?;
    list.wait()?;
    print!("sort | head: {}", String::from_utf8_lossy(&first.stdout));
    let many: Vec<_> = (0..8).map(|i| thread::spawn(move || {
        Command::new("/bin/sh").args(["-c", &format!("exit {i}")]).status().unwrap().code().unwrap()
    })).collect();
    println!("eight at once: {:?}", many.into_iter().map(|t| t.join().unwrap()).collect::<Vec<_>>());
    let none = Command::new("/bin/env").env_clear().env("ONLY", "this").output()?;
    print!("env: {}", String::from_utf8_lossy(&none.stdout));
    let there = Command::new("/bin/pwd").current_dir(Path::new(DATA).join("tree")).output()?;
    print!("pwd elsewhere: {}", String::from_utf8_lossy(&there.stdout));
    let who = Command::new("/bin/id").uid(1000).gid(1000).output()?;
    print!("another user: {}", String::from_utf8_lossy(&who.stdout));
    let group = Command::new("/bin/sh").args(["-c", "ps -o pid,pgid | grep \"^ *$$ \""]).process_group(0).output()?;
    let ids: Vec<_> = std::str::from_utf8(&group.stdout).unwrap().split_whitespace().collect();
    println!("its own group: {}", ids.len() == 2 && ids[0] == ids[1]);
    println!("no such folder: {:?}", Command::new("/bin/pwd").current_dir("/nothing").status().unwrap_err().kind());
    let before = unsafe { Command::new("/bin/pwd").pre_exec(|| Err(io::Error::from_raw_os_error(71))).spawn() };
    println!("refused before exec: {:?}", before.unwrap_err().raw_os_error());
    Ok(())
}

/// Everything that a stream's other end sends back: what was written, through an echo of two threads.
fn echoed<S: Read + Write + Send + 'static>(mut near: S, far: S, finish: fn(&S)) -> io::Result<u64>
where for<'a> &'a S: Read + Write {
    let mirror = thread::spawn(move || io::copy(&mut &far, &mut &far));
    let mut sent = Vec::new();
    for i in 0..3000u32 {
        sent.extend_from_slice(&i.to_le_bytes());
    }
    let mut back = vec![0; sent.len()];
    for (to, from) in sent.chunks(1200).zip(back.chunks_mut(1200)) {
        near.write_all(to)?;
        near.read_exact(from)?;
    }
    finish(&near);
    assert_eq!(near.read(&mut [0])?, 0);
    assert_eq!(mirror.join().unwrap()?, sent.len() as u64);
    assert!(sent == back);
    Ok(digest(&back))
}

/// TCP and Unix streams.
fn streams(dir: &Path) -> io::Result<()> {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let listener = TcpListener::bind(address)?;
        let to = listener.local_addr()?;
        let near = TcpStream::connect(to)?;
        let (far, from) = listener.accept()?;
        println!("tcp: {} {} {}", near.peer_addr()? == to, near.local_addr()? == from, to.port() != 0);
        near.set_nodelay(true)?;
        near.set_ttl(9)?;
        println!("options: {} {} {:?} {:?}", near.nodelay()?, near.ttl()?, near.read_timeout()?, near.take_error()?);
        println!("echo {:016x}", echoed(near, far, |s| s.shutdown(Shutdown::Write).unwrap())?);
        listener.set_nonblocking(true)?;
        println!("accept: {:?}", listener.accept().unwrap_err().kind());
        let near = TcpStream::connect_timeout(&to, Duration::from_secs(60))?;
        near.set_read_timeout(Some(Duration::from_millis(20)))?;
        println!("nothing to read: {:?}", (&near).read(&mut [0; 8]).unwrap_err().kind());
        listener.set_nonblocking(false)?;
        let (far, _) = listener.accept()?;
        (&far).write_all(b"peeked")?;
        let mut text = [0; 6];
        near.set_read_timeout(None)?;
        while near.peek(&mut text)? < 6 {}
        drop(far);
        text = [0; 6];
        (&near).read_exact(&mut text)?;
        println!("{:?}, then the end: {}", String::from_utf8_lossy(&text), (&near).read(&mut [0])?);
        drop(listener);
        println!("nobody listens: {:?}", TcpStream::connect(to).unwrap_err().kind());
    }
    println!("taken: {:?}", {
        let first = TcpListener::bind("127.0.0.1:0")?;
        TcpListener::bind(first.local_addr()?).unwrap_err().kind()
    });
    let all: Vec<SocketAddr> = "127.0.0.1:80".to_socket_addrs()?.collect();
    println!("addresses: {all:?}");
    let (near, far) = UnixStream::pair()?;
    println!("pair {:016x}", echoed(near, far, |s| s.shutdown(Shutdown::Write).unwrap())?);
    let path = dir.join("socket");
    let listener = UnixListener::bind(&path)?;
    let near = UnixStream::connect(&path)?;
    let (far, from) = listener.accept()?;
    println!("unix: {} {}", from.is_unnamed(), near.peer_addr()?.as_pathname() == Some(path.as_path()));
    println!("echo {:016x}", echoed(near, far, |s| s.shutdown(Shutdown::Write).unwrap())?);
    let servers: Vec<_> = (0..20).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()).collect();
    let clients: Vec<_> = servers.iter().map(|l| l.local_addr().unwrap()).map(|to| thread::spawn(move || {
        let mut total = 0;
        TcpStream::connect(to).unwrap().take(1 << 20).bytes().for_each(|b| total += u64::from(b.unwrap()));
        total
    })).collect();
    for (i, l) in servers.iter().enumerate() {
        l.accept()?.0.write_all(&vec![i as u8; 10_000])?;
    }
    println!("twenty: {:?}", clients.into_iter().map(|c| c.join().unwrap()).sum::<u64>());
    Ok(())
}

/// UDP and Unix datagrams.
fn datagrams(dir: &Path) -> io::Result<()> {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let (one, two) = (UdpSocket::bind(address)?, UdpSocket::bind(address)?);
        let mut buf = [0; 100];
        one.send_to(b"first", two.local_addr()?)?;
        one.send_to(b"second, longer", two.local_addr()?)?;
        println!("peek {:?}", two.peek_from(&mut buf).map(|(n, a)| (n, a == one.local_addr().unwrap()))?);
        println!("receive {:?}", two.recv_from(&mut buf).map(|(n, _)| String::from_utf8_lossy(&buf[..n]).into_owned())?);
        println!("cut to {}", two.recv_from(&mut buf[..6])?.0);
        two.connect(one.local_addr()?)?;
        println!("send {} of {}", two.send(&[7; 60_000])?, one.recv(&mut [0; 70_000])?);
        println!("too long: {:?}", two.send(&[0; 70_000]).unwrap_err().raw_os_error());
        drop(one);
        two.send(b"to nobody")?;
        println!("gone: {:?}", two.recv(&mut buf).unwrap_err().kind());
        two.set_read_timeout(Some(Duration::from_millis(10)))?;
        println!("silence: {:?}", two.recv(&mut buf).unwrap_err().kind());
    }
    let (one, two) = (UnixDatagram::bind(dir.join("d1"))?, UnixDatagram::unbound()?);
    two.send_to(b"by path", dir.join("d1"))?;
    let mut buf = [0; 20];
    println!("unix datagram: {} bytes, unnamed {}", one.recv(&mut buf)?, two.local_addr()?.is_unnamed());
    Ok(())
}
