/* 42: a struct as a result */
struct pair { int a; int b; };
struct pair make(int a, int b) { struct pair p; p.a = a; p.b = b; return p; }
int main() { struct pair p = make(40, 2); return p.a + p.b; }
