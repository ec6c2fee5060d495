/* 42: fields of a few bits keep their width */
struct fields { unsigned a : 3; unsigned b : 5; };
int main() { struct fields f; f.a = 9; f.b = 21; return f.a == 1 && f.b == 21 ? 42 : 1; }
