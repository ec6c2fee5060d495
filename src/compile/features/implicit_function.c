/* 42: a call of what was not declared */
int main() { return abs(-42); }
