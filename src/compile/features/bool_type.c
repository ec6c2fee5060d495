/* 42: _Bool holds 0 or 1 */
int main() { _Bool b = 256; int x = b; return x + 41; }
