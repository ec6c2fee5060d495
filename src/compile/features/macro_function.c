/* 42: a macro with arguments */
#define MAX(a, b) ((a) > (b) ? (a) : (b))
int main() { return MAX(40 + 2, 7); }
