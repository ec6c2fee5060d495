/* 42: long double holds more digits than double */
int main() { long double a = 9007199254740992.0L; a = a + 1.0L; return (long)(a - 9007199254740992.0L) + 41; }
