/* 42: goto, forward and back */
int main() { int n = 0; again: n++; if (n < 42) goto again; goto out; n = 0; out: return n; }
