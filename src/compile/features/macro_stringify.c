/* 42: # makes a string of an argument */
#define TEXT(x) #x
int main() { char *s = TEXT(a + b); return s[0] == 'a' && s[2] == '+' && s[5] == 0 ? 42 : 1; }
