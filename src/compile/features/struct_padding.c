/* 42: members lie where the ABI aligns them */
struct mixed { char a; int b; char c; };
struct mixed t[2];
int main() { return sizeof(struct mixed) == 12 && (char *)&t[0].b - (char *)&t[0] == 4 ? 42 : 1; }
