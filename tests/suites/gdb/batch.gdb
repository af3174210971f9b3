set pagination off
set confirm off
set width 0
set debuginfod enabled off
set style enabled off
set disable-randomization on
break square
run
info threads
backtrace
print n
finish
next
next
print sum
step
info registers pc sp
x/2i $pc
up
print *j
print j->name
delete
set can-use-hw-watchpoints 0
watch total
continue
delete
print total
set var total = 77
print total
print $_siginfo.si_signo
print $_siginfo.si_code
call square(9)
info inferiors
handle SIGUSR1 stop print pass
continue
