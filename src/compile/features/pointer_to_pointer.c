/* 42: a function that moves its caller's pointer */
void next(char **p) { *p = *p + 1; }
int main() { char *s = "a*"; next(&s); return *s; }
