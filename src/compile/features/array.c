/* 42: a local array, written and read by index */
int main() { int t[10]; int i; int s; for (i = 0; i < 10; i++) t[i] = i; s = 0; for (i = 0; i < 10; i++) s = s + t[i]; return s - 3; }
