/* 42: a union without a name inside a struct */
struct value { int kind; union { int number; char letters[4]; }; };
int main() { struct value v; v.kind = 1; v.number = 0x2a2a2a2a; return v.letters[1]; }
