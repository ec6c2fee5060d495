/* 42: an object without a name */
struct pair { int a, b; };
int sum(struct pair *p) { return p->a + p->b; }
int main() { return sum(&(struct pair){ 40, 2 }); }
