/* 42: a loop that declares its variable */
int main() { int s = 0; for (int i = 0; i < 7; i++) s += 6; return s; }
