/* 42: a comment to the end of its line */
int main() { // as C99 has it
  return 42; // */
}
