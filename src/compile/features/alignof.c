/* 42: _Alignof tells a type's alignment */
struct pair { char a; double b; };
int main() { return _Alignof(char) == 1 && _Alignof(struct pair) == _Alignof(double) ? 42 : 1; }
