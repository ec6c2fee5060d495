/* 42: #if, #elif, defined() */
#define LEVEL 2
#if !defined(LEVEL)
int x = 1;
#elif LEVEL * 3 > 5 && defined(LEVEL)
int x = 42;
#else
int x = 3;
#endif
int main() { return x; }
