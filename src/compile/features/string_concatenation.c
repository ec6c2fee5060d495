/* 42: neighbouring literals are one */
int main() { char *s = "ab" "c*"; return s[3]; }
