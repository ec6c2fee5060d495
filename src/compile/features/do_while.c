/* 42: a loop whose condition comes last */
int main() { int i = 0; int n = 0; do { n += 6; i++; } while (i < 7); return n; }
