/* 42: a struct assigned is a copy */
struct pair { int a; int b; };
int main() { struct pair p; struct pair q; p.a = 40; p.b = 2; q = p; p.a = 0; return q.a + q.b; }
