/* 42: a struct as an argument */
struct pair { int a; int b; };
int sum(struct pair p) { p.a = p.a + 1; return p.a + p.b; }
int main() { struct pair p; p.a = 39; p.b = 2; return sum(p); }
