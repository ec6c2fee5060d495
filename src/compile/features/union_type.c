/* 42: one place, two types */
union both { int number; char letters[4]; };
int main() { union both u; u.number = 0; u.letters[0] = 42; return u.number; }
