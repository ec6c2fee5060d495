/* 42: a ? b : c, nested */
int f(int x) { return x < 0 ? -1 : x == 0 ? 0 : 1; }
int main() { return f(-5) == -1 && f(0) == 0 && f(7) == 1 ? 42 : 1; }
