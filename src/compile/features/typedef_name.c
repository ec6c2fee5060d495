/* 42: a type's new name, also of a pointer to a struct */
typedef struct node *list;
struct node { int value; list next; };
int main() { struct node a; struct node b; list l = &a; a.value = 40; a.next = &b; b.value = 2; b.next = 0; return l->value + l->next->value; }
