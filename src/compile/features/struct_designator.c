/* 42: an initializer that names members */
struct triple { int a, b, c; };
int main() { struct triple t = { .c = 40, .a = 2 }; return t.a + t.b + t.c; }
