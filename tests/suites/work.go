// What a Go program uses first: goroutines, channels, select, sync, os, os/exec, time, the garbage
// collector. Each line is one check. Run by test_go.py on Tarn.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func check(what string, good bool) {
	if good {
		fmt.Println("ok", what)
	} else {
		fmt.Println("FAIL", what)
	}
}

func goroutines() {
	ch := make(chan int)
	go func() {
		defer close(ch)
		for i := 0; i < 1000; i++ {
			ch <- i
		}
	}()
	sum := 0
	for v := range ch {
		sum += v
	}
	check("a channel", sum == 499500)

	var wg sync.WaitGroup
	var mu sync.Mutex
	var count atomic.Int64
	total := 0
	for i := 0; i < 2000; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			total += i
			mu.Unlock()
			count.Add(1)
			runtime.Gosched()
		}()
	}
	wg.Wait()
	check("two thousand goroutines", total == 1999000 && count.Load() == 2000)

	// a ring of goroutines
	first := make(chan int)
	in := first
	for i := 0; i < 100; i++ {
		out := make(chan int)
		go func(in, out chan int) {
			for v := range in {
				out <- v + 1
			}
			close(out)
		}(in, out)
		in = out
	}
	go func() {
		for i := 0; i < 50; i++ {
			first <- i
		}
		close(first)
	}()
	good := true
	want := 100
	for v := range in {
		good = good && v == want
		want++
	}
	check("a chain of a hundred", good && want == 150)

	select {
	case <-make(chan int):
		check("select", false)
	case <-time.After(20 * time.Millisecond):
		check("select with a time-out", true)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	check("context", errors.Is(ctx.Err(), context.DeadlineExceeded))

	// one that never yields must not stop the others
	var stop atomic.Bool
	go func() {
		for !stop.Load() {
		}
	}()
	start := time.Now()
	time.Sleep(5 * time.Millisecond)
	runtime.GC()
	stop.Store(true)
	check("preemption", time.Since(start) < 10*time.Second)
	func() {
		defer func() { check("recover from a nil pointer", recover() != nil) }()
		var p *int
		*p = 1
	}()
	check("memory and the collector", garbage())
}

func garbage() bool {
	var keep [][]byte
	for i := 0; i < 2000; i++ {
		b := make([]byte, 16384)
		b[i] = byte(i)
		if i%50 == 0 {
			keep = append(keep, b)
		}
	}
	runtime.GC()
	for i, b := range keep {
		if b[i*50] != byte(i*50) {
			return false
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.NumGC > 0
}

func files() {
	data, err := os.ReadFile("/data/words")
	check("ReadFile", err == nil && bytes.HasSuffix(data, []byte("\n")))
	f, err := os.Open("/data/words")
	check("Open", err == nil)
	n, err := f.Seek(-1, io.SeekEnd)
	check("Seek", err == nil && n == int64(len(data)-1))
	f.Seek(0, io.SeekStart)
	lines := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		lines++
	}
	check("lines", lines == bytes.Count(data, []byte("\n")))
	f.Close()
	_, err = f.Read(make([]byte, 1))
	check("closed", errors.Is(err, os.ErrClosed))

	dir, err := os.MkdirTemp("", "go")
	check("MkdirTemp", err == nil)
	p := filepath.Join(dir, "file")
	check("WriteFile", os.WriteFile(p, []byte("content"), 0o640) == nil)
	st, err := os.Stat(p)
	check("Stat", err == nil && st.Size() == 7 && st.Mode() == 0o640 && time.Since(st.ModTime()) < 10*time.Minute)
	os.Mkdir(filepath.Join(dir, "sub"), 0o755)
	os.Symlink("file", filepath.Join(dir, "link"))
	os.Rename(p, filepath.Join(dir, "moved"))
	var names []string
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		names = append(names, d.Name())
		return err
	})
	sort.Strings(names[1:])
	fmt.Println("  ", strings.Join(names[1:], " "))
	_, err = os.Open("/none")
	check("ErrNotExist", errors.Is(err, fs.ErrNotExist))
	check("ErrExist", errors.Is(os.Mkdir(dir, 0o755), fs.ErrExist))
	_, err = os.ReadDir("/data/words")
	check("ENOTDIR", errors.Is(err, syscall.ENOTDIR))
	check("RemoveAll", os.RemoveAll(dir) == nil)
}

func processes() {
	out, err := exec.Command("sh", "-c", "echo from a child; exit 4").Output()
	var exit *exec.ExitError
	check("Output", string(out) == "from a child\n" && errors.As(err, &exit) && exit.ExitCode() == 4)
	cmd := exec.Command("tr", "a-z", "A-Z")
	cmd.Stdin = strings.NewReader(strings.Repeat("through a pipe\n", 3000))
	out, err = cmd.Output()
	check("a child as a filter", err == nil && string(out) == strings.Repeat("THROUGH A PIPE\n", 3000))
	_, err = exec.LookPath("no-such-program")
	check("LookPath", errors.Is(err, exec.ErrNotFound))
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	err = exec.CommandContext(ctx, "sleep", "100").Run()
	check("killed when its time is up", err != nil && err.Error() == "signal: killed")
	r, w, _ := os.Pipe()
	go func() {
		time.Sleep(10 * time.Millisecond)
		w.Write([]byte("late"))
		w.Close()
	}()
	b, err := io.ReadAll(r)
	check("a pipe that blocks", err == nil && string(b) == "late")
	r, w, _ = os.Pipe()
	check("a deadline on a pipe", r.SetReadDeadline(time.Now().Add(10*time.Millisecond)) == nil)
	_, err = r.Read(b)
	check("it passed", errors.Is(err, os.ErrDeadlineExceeded))
	w.Close()
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	select {
	case s := <-c:
		check("a signal", s == syscall.SIGUSR1)
	case <-time.After(5 * time.Second):
		check("a signal", false)
	}
}

func main() {
	check("arguments", len(os.Args) == 3 && os.Args[2] == "two words")
	check("environment", os.Getenv("WORK") == "a value")
	goroutines()
	files()
	start := time.Now()
	time.Sleep(30 * time.Millisecond)
	check("Sleep", time.Since(start) >= 30*time.Millisecond)
	t := time.NewTicker(5 * time.Millisecond)
	for i := 0; i < 3; i++ {
		<-t.C
	}
	t.Stop()
	check("Ticker", true)
	processes()
	fmt.Println("done")
	os.Exit(6)
}
