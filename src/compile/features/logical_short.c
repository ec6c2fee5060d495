/* 42: && and || leave out what does not matter */
int n;
int touch(int x) { n++; return x; }
int main() { int a = touch(0) && touch(1); int b = touch(1) || touch(0); return a == 0 && b == 1 && n == 2 ? 42 : 1; }
