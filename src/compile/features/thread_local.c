/* 42: _Thread_local */
_Thread_local int n = 40;
int main() { n += 2; return n; }
