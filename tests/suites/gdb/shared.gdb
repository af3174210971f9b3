set pagination off
set confirm off
set width 0
set debuginfod enabled off
set style enabled off
set disable-randomization on
set breakpoint pending on
break main
break opened_square
run
info sharedlibrary
step
backtrace
print near_count
finish
continue
info sharedlibrary
backtrace
info symbol opened_square
print n
next
print r
print near_count
info symbol printf
set stop-on-solib-events 1
continue
set stop-on-solib-events 0
tbreak shared.c:30
continue
info sharedlibrary
print got
continue
