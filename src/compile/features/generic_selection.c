/* 42: _Generic chooses by type */
int main() { int x = 0; return _Generic(x, char: 1, int: 42, default: 2); }
