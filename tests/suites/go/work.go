// A day's work for Go: goroutines and channels on several threads, sync, context, time, files of the
// root archive and of its own, processes and signals, the garbage collector. Every line it prints is the
// same on every run; status 0 when all of it held. It runs itself again as `work child`.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const data = "/data"

// check ends the program when something that must not fail did.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must(ok bool, what string) {
	if !ok {
		panic(what)
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "child" {
		child()
	}
	runtime.GOMAXPROCS(8)
	goroutines()
	selects()
	primes()
	locks()
	timers()
	archive()
	own()
	errorKinds()
	processes()
	signals()
	collector()
	recovers()
	fmt.Println("all done")
}

// goroutines: a thousand of them on one channel, and pipelines of workers.
func goroutines() {
	sums := make(chan int)
	for i := 0; i < 1000; i++ {
		go func() { sums <- i * i }()
	}
	total := 0
	for i := 0; i < 1000; i++ {
		total += <-sums
	}
	fmt.Println("goroutines", total)

	jobs, done := make(chan int, 16), make(chan [2]int, 16)
	var wg sync.WaitGroup
	for w := 0; w < 8; w++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range jobs {
				done <- [2]int{j, collatz(j)}
			}
		}()
	}
	go func() {
		for j := 1; j <= 3000; j++ {
			jobs <- j
		}
		close(jobs)
		wg.Wait()
		close(done)
	}()
	best := [2]int{}
	for d := range done {
		if d[1] > best[1] || d[1] == best[1] && d[0] < best[0] {
			best = d
		}
	}
	fmt.Println("longest collatz below 3000:", best)

	ring := make([]chan int, 101)
	for i := range ring {
		ring[i] = make(chan int)
	}
	for i := range 100 {
		go func() {
			for v := range ring[i] {
				ring[i+1] <- v + 1
			}
		}()
	}
	go func() { ring[0] <- 0 }()
	laps := 0
	for v := range ring[100] {
		if laps++; laps == 50 {
			fmt.Println("ring", v)
			break
		}
		ring[0] <- v
	}
}

func collatz(n int) (steps int) {
	for ; n != 1; steps++ {
		if n%2 == 0 {
			n /= 2
		} else {
			n = 3*n + 1
		}
	}
	return
}

// selects: several channels, defaults, time-outs, closed channels, contexts.
func selects() {
	a, b, quit := make(chan int), make(chan string), make(chan struct{})
	go func() {
		for i := range 100 {
			a <- i
		}
		close(quit)
	}()
	go func() {
		for {
			select {
			case b <- "tick":
			case <-quit:
				return
			}
		}
	}()
	got, ticks := 0, 0
	for open := true; open; {
		select {
		case v := <-a:
			must(v == got, "order")
			got++
		case <-b:
			ticks++
		case <-quit:
			open = false
		}
	}
	fmt.Println("select", got, ticks >= 0)
	select {
	case <-a:
		fmt.Println("never")
	default:
		fmt.Println("nothing ready")
	}
	select {
	case <-make(chan int):
	case <-time.After(15 * time.Millisecond):
		fmt.Println("timed out")
	}
	closed := make(chan int)
	close(closed)
	v, ok := <-closed
	fmt.Println("closed", v, ok)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	fmt.Println("context:", ctx.Err())
	ctx, stop := context.WithCancelCause(context.WithValue(context.Background(), data, 7))
	stop(errors.New("enough"))
	<-ctx.Done()
	fmt.Println("cause:", context.Cause(ctx), ctx.Value(data))
}

// primes: a sieve of chained goroutines, each a filter.
func primes() {
	first := make(chan int)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		for i := 2; ctx.Err() == nil; i++ {
			first <- i
		}
	}()
	ch, last := first, 0
	for range 120 {
		last = <-ch
		next := make(chan int)
		go func(in, out chan int, p int) {
			for i := range in {
				if i%p != 0 {
					out <- i
				}
			}
		}(ch, next, last)
		ch = next
	}
	fmt.Println("prime", last)
}

func locks() {
	var mu sync.Mutex
	var rw sync.RWMutex
	var once sync.Once
	var wg sync.WaitGroup
	var runs, atom atomic.Int64
	var shared sync.Map
	count, table := 0, map[int]int{}
	for g := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 2000 {
				mu.Lock()
				count++
				mu.Unlock()
				atom.Add(int64(i))
				if i%100 == 0 {
					rw.Lock()
					table[g*10000+i] = i
					rw.Unlock()
					runtime.Gosched()
				} else {
					rw.RLock()
					_ = table[g*10000]
					rw.RUnlock()
				}
				once.Do(func() { runs.Add(1) })
				shared.LoadOrStore(i%10, g)
			}
		}()
	}
	wg.Wait()
	keys := 0
	shared.Range(func(_, _ any) bool { keys++; return true })
	fmt.Println("locks", count, atom.Load(), len(table), runs.Load(), keys)

	cond, ready := sync.NewCond(&mu), 0
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			ready++
			for ready < 9 {
				cond.Wait()
			}
			mu.Unlock()
		}()
	}
	for waiting := 0; waiting < 8; {
		mu.Lock()
		waiting = ready
		mu.Unlock()
		time.Sleep(time.Millisecond)
	}
	mu.Lock()
	ready++
	cond.Broadcast()
	mu.Unlock()
	wg.Wait()
	fmt.Println("broadcast", ready)
}

func timers() {
	t0 := time.Now()
	time.Sleep(20 * time.Millisecond)
	must(time.Since(t0) >= 20*time.Millisecond, "slept too short")
	must(t0.Year() >= 2024, "the year")
	order := make(chan int, 5)
	for _, n := range []int{50, 10, 40, 20, 30} {
		time.AfterFunc(time.Duration(20*n)*time.Millisecond, func() { order <- n })
	}
	list := []int{}
	for range 5 {
		list = append(list, <-order)
	}
	fmt.Println("timers", list)
	tick := time.NewTicker(2 * time.Millisecond)
	for range 10 {
		<-tick.C
	}
	tick.Stop()
	stopped := time.NewTimer(time.Hour)
	fmt.Println("stopped", stopped.Stop())
	when := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC).AddDate(0, 1, 0)
	fmt.Println(when.Format(time.RFC1123), when.Unix())
	// a goroutine that never calls anything must not keep others from running
	var flag atomic.Bool
	go func() {
		for !flag.Load() {
		}
	}()
	time.Sleep(5 * time.Millisecond)
	flag.Store(true)
}

// archive: files that came with the root archive.
func archive() {
	text, err := os.ReadFile(filepath.Join(data, "voyage.txt"))
	check(err)
	fmt.Printf("voyage.txt %d bytes, sha256 %x\n", len(text), sha256.Sum256(text))
	f, err := os.Open(filepath.Join(data, "voyage.txt"))
	check(err)
	defer f.Close()
	at, err := f.Seek(-30, io.SeekEnd)
	check(err)
	tail, err := io.ReadAll(f)
	check(err)
	must(bytes.Equal(tail, text[at:]), "tail")
	part := make([]byte, 50)
	_, err = f.ReadAt(part, 200)
	check(err)
	must(bytes.Equal(part, text[200:250]), "ReadAt")
	st, err := f.Stat()
	check(err)
	fmt.Println(st.Name(), st.Size(), st.Mode(), st.ModTime().UTC().Format(time.DateOnly))

	log, err := os.Open(filepath.Join(data, "requests.log"))
	check(err)
	defer log.Close()
	users, lines := map[string]int{}, bufio.NewScanner(log)
	for lines.Scan() {
		users[strings.Fields(lines.Text())[1]]++
	}
	sorted, err := json.Marshal(users)
	check(err)
	fmt.Println(string(sorted))
	var seen []string
	check(filepath.WalkDir(filepath.Join(data, "tree"), func(path string, d fs.DirEntry, err error) error {
		seen = append(seen, strings.TrimPrefix(path, data)+" "+d.Type().String())
		return err
	}))
	fmt.Println(strings.Join(seen, ", "))
	to, err := filepath.EvalSymlinks(filepath.Join(data, "tree/link"))
	check(err)
	fmt.Println("link", to)
}

// own: files it makes.
func own() {
	dir, err := os.MkdirTemp("", "go-work-*")
	check(err)
	defer os.RemoveAll(dir)
	check(os.Chdir(dir))
	check(os.MkdirAll("a/b/c", 0o755))
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			check(os.WriteFile(fmt.Sprintf("a/b/f%02d", i), bytes.Repeat([]byte{byte(i)}, i*1000), 0o640))
		}()
	}
	wg.Wait()
	entries, err := os.ReadDir("a/b")
	check(err)
	var bytesTotal int64
	for _, e := range entries {
		info, err := e.Info()
		check(err)
		if info.Mode().IsRegular() {
			bytesTotal += info.Size()
		}
	}
	fmt.Println("entries", len(entries), entries[1].Name(), bytesTotal)
	f, err := os.OpenFile("log", os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	check(err)
	for i := range 5 {
		fmt.Fprintf(f, "line %d\n", i)
	}
	check(f.Truncate(20))
	check(f.Sync())
	_, err = f.Seek(0, io.SeekStart)
	check(err)
	all, err := io.ReadAll(f)
	check(err)
	fmt.Printf("log %q\n", all)
	check(f.Close())
	fmt.Println("closed:", errors.Is(f.Sync(), os.ErrClosed))
	check(os.Rename("log", "a/log"))
	check(os.Symlink("a/log", "soft"))
	check(os.Link("a/log", "hard"))
	check(os.Chtimes("hard", time.Unix(1, 0), time.Unix(1e9, 5000)))
	st, err := os.Stat("soft")
	check(err)
	fmt.Println("times", st.ModTime().UnixNano(), st.Sys().(*syscall.Stat_t).Nlink)
	check(os.Chmod("hard", 0o604))
	st, err = os.Lstat("soft")
	check(err)
	fmt.Println("lstat", st.Mode().Type(), "readlink", func() string { s, _ := os.Readlink("soft"); return s }())
	wd, err := os.Getwd()
	check(err)
	must(wd == dir, "cwd")

	r, w, err := os.Pipe()
	check(err)
	go func() {
		for i := range 5000 {
			fmt.Fprintln(w, i)
		}
		w.Close()
	}()
	piped, err := io.ReadAll(r)
	check(err)
	fmt.Printf("pipe %d bytes, %x\n", len(piped), sha256.Sum256(piped))
	check(r.SetReadDeadline(time.Now().Add(-time.Second)))
	_, err = r.Read(make([]byte, 1))
	fmt.Println("deadline:", errors.Is(err, os.ErrDeadlineExceeded))
	r2, w2, err := os.Pipe()
	check(err)
	check(r2.SetReadDeadline(time.Now().Add(10 * time.Millisecond)))
	_, err = r2.Read(make([]byte, 1))
	fmt.Println("deadline:", os.IsTimeout(err))
	w2.Close()
	check(os.Chdir("/"))
}

func errorKinds() {
	show := func(err error) {
		fmt.Println(errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrExist), errors.Is(err, fs.ErrPermission), err)
	}
	_, err := os.Open("/no/such/file")
	show(err)
	show(os.Mkdir("/data", 0o755))
	_, err = os.ReadDir(data + "/voyage.txt")
	show(err)
	show(os.Remove(data))
	_, err = exec.LookPath("no-such-program")
	show(err)
	show(exec.Command(data + "/voyage.txt").Run())
	show(os.Rename(data, data+"/tree/x"))
}

func child() {
	in, err := io.ReadAll(os.Stdin)
	check(err)
	fmt.Printf("%s %s\n", os.Getenv("WORK"), strings.ToUpper(string(in)))
	fmt.Fprintln(os.Stderr, "to stderr")
	os.Exit(9)
}

func processes() {
	out, err := exec.Command("/bin/sh", "-c", "sort -t, -k3 -n "+data+"/ports.csv | tail -n 1").Output()
	check(err)
	fmt.Printf("sh: %s", out)
	me, err := os.Executable()
	check(err)
	cmd := exec.Command(me, "child")
	cmd.Env = []string{"WORK=hello"}
	cmd.Dir = data
	cmd.Stdin = strings.NewReader("from the parent")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	fmt.Printf("child: %v, %q, %q\n", err, stdout.String(), stderr.String())
	var wg sync.WaitGroup
	codes := make([]int, 12)
	for i := range codes {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c := exec.Command("/bin/sh", "-c", fmt.Sprintf("exit %d", i*3))
			_ = c.Run()
			codes[i] = c.ProcessState.ExitCode()
		}()
	}
	wg.Wait()
	fmt.Println("codes", codes)
	ctx, cancel := context.WithCancel(context.Background())
	sleep := exec.CommandContext(ctx, "/bin/sleep", "100")
	check(sleep.Start())
	cancel()
	fmt.Println("killed:", sleep.Wait())
}

func signals() {
	ch := make(chan os.Signal, 8)
	signal.Notify(ch, syscall.SIGUSR1, syscall.SIGHUP)
	for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGHUP, syscall.SIGUSR1} {
		check(syscall.Kill(os.Getpid(), s))
		fmt.Println("signal", <-ch)
	}
	signal.Stop(ch)
	signal.Ignore(syscall.SIGHUP)
	check(syscall.Kill(os.Getpid(), syscall.SIGHUP))
	time.Sleep(5 * time.Millisecond)
}

type node struct {
	left, right *node
	pad         [4]int
}

func grow(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: grow(depth - 1), right: grow(depth - 1)}
}

func (n *node) count() int {
	if n == nil {
		return 0
	}
	return 1 + n.left.count() + n.right.count()
}

// collector: trees that live and trees that die, in several goroutines, with collections in between.
func collector() {
	before := runtime.MemStats{}
	runtime.ReadMemStats(&before)
	keep := grow(12)
	var wg sync.WaitGroup
	var nodes atomic.Int64
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 20 {
				nodes.Add(int64(grow(9).count()))
			}
		}()
	}
	for range 3 {
		runtime.GC()
	}
	wg.Wait()
	finalized := make(chan bool, 1)
	func() {
		x := &node{}
		runtime.SetFinalizer(x, func(*node) { finalized <- true })
	}()
	for waiting := true; waiting; {
		runtime.GC()
		select {
		case <-finalized:
			waiting = false
		case <-time.After(5 * time.Millisecond):
		}
	}
	after := runtime.MemStats{}
	runtime.ReadMemStats(&after)
	debug.FreeOSMemory()
	fmt.Println("trees", keep.count(), nodes.Load(), after.NumGC-before.NumGC >= 4, after.Mallocs > before.Mallocs)
	big := make([][]byte, 0)
	for i := range 32 {
		b := make([]byte, 1<<20)
		b[i] = byte(i)
		big = append(big, b)
	}
	sum := 0
	for i, b := range big {
		sum += int(b[i])
	}
	fmt.Println("big", sum)
	words := strings.Fields(strings.Repeat("the quick brown fox ", 2000))
	sort.Strings(words)
	fmt.Println("sorted", words[0], words[7999])
}

// recovers: panics, and faults that the runtime turns into panics.
func recovers() {
	try := func(what string, f func()) {
		defer func() { fmt.Println(what+":", recover()) }()
		f()
	}
	var none *node
	var list []int
	zero := len(list)
	try("nil", func() { none.left = none })
	try("index", func() { list[zero+3]++ })
	try("divide", func() { fmt.Println(1 / zero) })
	try("far nil", func() { fmt.Println((*[1 << 20]int)(nil)[1<<18]) })
	try("ours", func() { panic(fmt.Errorf("wrapped: %w", io.EOF)) })
}
