/* 42: GNU's labels as values */
int main() { void *there = &&two; goto *there; return 1; two: return 42; }
