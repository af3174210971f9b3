set pagination off
set confirm off
set width 0
set debuginfod enabled off
set style enabled off
info threads
thread 1
print total
thread apply all -q print $_thread
tbreak on_signal
signal SIGUSR1
backtrace
next
next
print total
detach
