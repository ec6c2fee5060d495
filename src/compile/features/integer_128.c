/* 42: GNU's __int128 */
int main() { unsigned __int128 x = 1; x <<= 100; x >>= 95; return (int)x + 10; }
