/* 42: a function of any number of arguments, more than registers hold */
#include <stdarg.h>
int sum(int n, ...) { va_list list; int i, s = 0; va_start(list, n); for (i = 0; i < n; i++) s += va_arg(list, int); va_end(list); return s; }
int main() { return sum(8, 1, 2, 3, 4, 5, 6, 7, 8) + sum(2, 1, 5); }
