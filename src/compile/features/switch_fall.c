/* 42: a case that falls into the next one, and default in the middle */
int f(int x) { int n = 0; switch (x) { case 1: n += 1; default: n += 10; break; case 2: n += 20; case 3: n += 100; } return n; }
int main() { return f(1) == 11 && f(2) == 120 && f(3) == 100 && f(9) == 10 ? 42 : 1; }
