/* 42: a local variable that stays */
int next() { static int n = 39; n++; return n; }
int main() { next(); next(); return next(); }
