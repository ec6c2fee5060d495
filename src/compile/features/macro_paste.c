/* 42: ## makes one token of two */
#define NAME(a, b) a##b
int main() { int NAME(for, ty) = 42; return forty; }
