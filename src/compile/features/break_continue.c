/* 42: leaving a loop and going on with its next round */
int main() { int i = 0; int n = 0; while (1) { i++; if (i > 100) break; if (i % 2) continue; n++; } return n - 8; }
