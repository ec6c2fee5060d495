/* 42: GNU's case 1 ... 5 */
int f(int x) { switch (x) { case 0 ... 9: return 1; case 10 ... 19: return 2; default: return 3; } }
int main() { return f(9) == 1 && f(10) == 2 && f(20) == 3 ? 42 : 1; }
