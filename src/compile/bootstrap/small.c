/* A compiler small enough for mescc, that compiles itself: a subset of C on standard input, an x86-64 ELF program on
   standard output. It uses of C only what it compiles:

     program  := { "#" line | enum | global }
     enum     := "enum" "{" name [ "=" number ] { "," name [ "=" number ] } "}" ";"
     global   := type name ( ";" | "[" constant "]" ";" | "(" [ type name { "," type name } ] ")" ( ";" | block ) )
     type     := ( "int" | "char" ) { "*" }
     block    := "{" { statement } "}"
     statement:= block | type name ";" | "if" "(" e ")" statement [ "else" statement ] | "while" "(" e ")" statement
               | "return" e ";" | e ";"
     e        := unary { operator e } | name "=" e | name "[" e "]" "=" e
     unary    := number | character | string | "-" unary | "!" unary | "(" e ")" | name | name "[" e "]" | name "(" [ e { "," e } ] ")"
     operator := "||" "&&" "|" "^" "&" "==" "!=" "<" ">" "<=" ">=" "+" "-" "*" "/" "%"

   An int has eight bytes in what it makes; its own numbers stay small, so that the size does not matter. Shifts and
   division of what may be negative are avoided: not every compiler of the chain gets them right. */

int read(int file, char *buffer, int size);
int write(int file, char *buffer, int size);

enum { END = 0, NUMBER = 256, STRING, NAME, INT, CHAR, ENUM, IF, ELSE, WHILE, RETURN, EQUAL, UNEQUAL, LESS_EQUAL, GREATER_EQUAL, AND, OR };
enum { CONSTANT = 1, VARIABLE, LOCAL, ARRAY, FUNCTION };
enum { CODE_AT = 4194480, DATA_AT = 268435456 };

char source[200000];
int source_size;
int at;
int line;
int failed;

char code[200000];
int code_size;
int data_size;

char names[40000];
int names_size;
int symbol_name[2000];
int symbol_kind[2000];
int symbol_value[2000];
int symbol_wide[2000];
int symbols;

int call_at[4000];
int call_symbol[4000];
int calls;

int token;
int token_value;
char text[4000];
int text_size;
int locals;

int expression();
int binary(int lowest);
int statement();

int put_text(char *words) {
  int size;
  size = 0;
  while (words[size] != 0) size = size + 1;
  return write(2, words, size);
}

int put_number(int number) {
  char digit[4];
  if (number > 9) put_number(number / 10);
  digit[0] = '0' + number % 10;
  return write(2, digit, 1);
}

int fail(char *words) {
  if (failed == 0) {
    put_text("line ");
    put_number(line);
    put_text(": error: ");
    put_text(words);
    put_text("\n");
  }
  failed = 1;
  token = END;
  return 0;
}

/* Tokens. */

int is_letter(int c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
int is_digit(int c) { return c >= '0' && c <= '9'; }

int look(int ahead) {
  if (at + ahead >= source_size) return 0;
  return source[at + ahead];
}

int skip_line() {
  while (look(0) != 0 && look(0) != '\n') at = at + 1;
  return 0;
}

int skip_space() {
  int more;
  more = 1;
  while (more) {
    more = 0;
    while (look(0) == ' ' || look(0) == '\n' || look(0) == '\t') {
      if (look(0) == '\n') line = line + 1;
      at = at + 1;
    }
    if (look(0) == '#') {
      skip_line();
      more = 1;
    }
    if (look(0) == '/' && look(1) == '*') {
      at = at + 2;
      while (look(0) != 0 && !(look(0) == '*' && look(1) == '/')) {
        if (look(0) == '\n') line = line + 1;
        at = at + 1;
      }
      at = at + 2;
      more = 1;
    }
  }
  return 0;
}

int is_word(char *word) {
  int i;
  i = 0;
  while (i < text_size && word[i] == text[i]) i = i + 1;
  return i == text_size && word[i] == 0;
}

int character() {
  int c;
  c = look(0);
  at = at + 1;
  if (c != '\\') return c;
  c = look(0);
  at = at + 1;
  if (c == 'n') return '\n';
  if (c == 't') return '\t';
  if (c == '0') return 0;
  return c;
}

int pair(int second, int token_of_two) {
  if (look(1) != second) return 0;
  token = token_of_two;
  at = at + 2;
  return 1;
}

int next() {
  int c;
  skip_space();
  c = look(0);
  token = c;
  token_value = 0;
  text_size = 0;
  if (failed || c == 0) {
    token = END;
    return 0;
  }
  if (is_letter(c)) {
    while ((is_letter(look(0)) || is_digit(look(0))) && text_size < 100) {
      text[text_size] = look(0);
      text_size = text_size + 1;
      at = at + 1;
    }
    token = NAME;
    if (is_word("int")) token = INT;
    if (is_word("char")) token = CHAR;
    if (is_word("enum")) token = ENUM;
    if (is_word("if")) token = IF;
    if (is_word("else")) token = ELSE;
    if (is_word("while")) token = WHILE;
    if (is_word("return")) token = RETURN;
    return 0;
  }
  if (is_digit(c)) {
    while (is_digit(look(0))) {
      token_value = token_value * 10 + look(0) - '0';
      at = at + 1;
    }
    token = NUMBER;
    return 0;
  }
  if (c == 39) { /* a quote */
    at = at + 1;
    token_value = character();
    at = at + 1;
    token = NUMBER;
    return 0;
  }
  if (c == '"') {
    at = at + 1;
    while (look(0) != '"' && look(0) != 0 && text_size < 3000) {
      text[text_size] = character();
      text_size = text_size + 1;
    }
    at = at + 1;
    token = STRING;
    return 0;
  }
  if (c == '=' && pair('=', EQUAL)) return 0;
  if (c == '!' && pair('=', UNEQUAL)) return 0;
  if (c == '<' && pair('=', LESS_EQUAL)) return 0;
  if (c == '>' && pair('=', GREATER_EQUAL)) return 0;
  if (c == '&' && pair('&', AND)) return 0;
  if (c == '|' && pair('|', OR)) return 0;
  at = at + 1;
  return 0;
}

int expect(int wanted) {
  if (token != wanted) return fail("another token was expected");
  return next();
}

/* Symbols. */

int find() {
  int i;
  int k;
  i = symbols - 1;
  while (i >= 0) {
    k = 0;
    while (k < text_size && names[symbol_name[i] + k] == text[k]) k = k + 1;
    if (k == text_size && names[symbol_name[i] + k] == 0) return i;
    i = i - 1;
  }
  return -1;
}

int add(int kind, int value, int wide) {
  int k;
  if (symbols >= 1990 || names_size + text_size >= 39990) return fail("too many names");
  symbol_name[symbols] = names_size;
  symbol_kind[symbols] = kind;
  symbol_value[symbols] = value;
  symbol_wide[symbols] = wide;
  k = 0;
  while (k < text_size) {
    names[names_size] = text[k];
    names_size = names_size + 1;
    k = k + 1;
  }
  names[names_size] = 0;
  names_size = names_size + 1;
  symbols = symbols + 1;
  return symbols - 1;
}

/* Code. */

int byte(int value) {
  if (code_size >= 199990) return fail("too much code");
  code[code_size] = value;
  code_size = code_size + 1;
  return 0;
}
int bytes2(int a, int b) {
  byte(a);
  return byte(b);
}
int bytes3(int a, int b, int c) {
  bytes2(a, b);
  return byte(c);
}
int bytes4(int a, int b, int c, int d) {
  bytes2(a, b);
  return bytes2(c, d);
}

int number_at(int place, int value) {
  int i;
  int low;
  i = 0;
  while (i < 4) {
    low = value & 255;
    code[place + i] = low;
    value = (value - low) / 256; /* exact, also below zero */
    i = i + 1;
  }
  return 0;
}
int number(int value) {
  bytes4(0, 0, 0, 0);
  return number_at(code_size - 4, value);
}

int load_number(int value) {
  bytes3(72, 199, 192); /* mov rax, value */
  return number(value);
}
int push() { return byte(80); }
int truth() {
  bytes3(72, 133, 192);        /* test rax, rax */
  bytes3(15, 149, 192);        /* setne al */
  return bytes3(15, 182, 192); /* movzx eax, al */
}
/* A jump whose distance is not known yet: where that is to be written. */
int jump(int opcode) {
  if (opcode != 233) byte(15);
  byte(opcode);
  number(0);
  return code_size - 4;
}
int jump_if_zero() {
  bytes3(72, 133, 192);
  return jump(132);
}
int land(int place) { return number_at(place, code_size - place - 4); }

int variable(int symbol, int store) {
  if (symbol_kind[symbol] == LOCAL) {
    bytes3(72, 139 - 2 * store, 133); /* mov rax, [rbp + number], or the other way */
    return number(symbol_value[symbol]);
  }
  bytes4(72, 139 - 2 * store, 4, 37); /* mov rax, [number] */
  return number(symbol_value[symbol]);
}

int call(int symbol) {
  int count;
  count = 0;
  expect('(');
  while (token != ')' && token != END) {
    expression();
    push();
    count = count + 1;
    if (token != ')') expect(',');
  }
  expect(')');
  byte(232);
  number(0);
  if (calls >= 3990) return fail("too many calls");
  call_at[calls] = code_size - 4;
  call_symbol[calls] = symbol;
  calls = calls + 1;
  bytes3(72, 129, 196); /* add rsp, number */
  return number(8 * count);
}

int element(int symbol) {
  int wide;
  wide = symbol_wide[symbol];
  if (symbol_kind[symbol] == ARRAY) load_number(symbol_value[symbol]);
  else {
    if (symbol_kind[symbol] == LOCAL && wide > 8) { /* an array of this function */
      bytes3(72, 141, 133);                         /* lea rax, [rbp + number] */
      number(symbol_value[symbol]);
      wide = wide - 8;
    } else variable(symbol, 0);
  }
  push();
  expect('[');
  expression();
  expect(']');
  if (wide == 8) bytes4(72, 193, 224, 3); /* shl rax, 3 */
  byte(89);                               /* pop rcx */
  bytes3(72, 1, 200);                     /* add rax, rcx */
  if (token == '=') {
    next();
    push();
    expression();
    byte(89);
    if (wide == 8) return bytes3(72, 137, 1); /* mov [rcx], rax */
    return bytes2(136, 1);                    /* mov [rcx], al */
  }
  if (wide == 8) return bytes3(72, 139, 0); /* mov rax, [rax] */
  return bytes3(15, 182, 0);                /* movzx eax, byte [rax] */
}

int named() {
  int symbol;
  symbol = find();
  if (symbol < 0) return fail("a name is unknown");
  next();
  if (token == '(') return call(symbol);
  if (token == '[') return element(symbol);
  if (symbol_kind[symbol] == CONSTANT || symbol_kind[symbol] == ARRAY) return load_number(symbol_value[symbol]);
  if (symbol_kind[symbol] == LOCAL && symbol_wide[symbol] > 8) {
    bytes3(72, 141, 133);
    return number(symbol_value[symbol]);
  }
  if (token == '=') {
    next();
    expression();
    return variable(symbol, 1);
  }
  return variable(symbol, 0);
}

int unary() {
  int i;
  if (token == NUMBER) {
    load_number(token_value);
    return next();
  }
  if (token == STRING) { /* a call over the bytes leaves their address */
    byte(232);
    number(text_size + 1);
    i = 0;
    while (i < text_size) {
      byte(text[i]);
      i = i + 1;
    }
    byte(0);
    byte(88); /* pop rax */
    return next();
  }
  if (token == NAME) return named();
  if (token == END) return fail("the text ends too early");
  if (token == '-') {
    next();
    unary();
    return bytes3(72, 247, 216); /* neg rax */
  }
  if (token == '!') {
    next();
    unary();
    bytes3(72, 133, 192);
    bytes3(15, 148, 192); /* sete al */
    return bytes3(15, 182, 192);
  }
  expect('(');
  expression();
  return expect(')');
}

int level(int operator) {
  if (operator == OR) return 1;
  if (operator == AND) return 2;
  if (operator == '|') return 3;
  if (operator == '^') return 4;
  if (operator == '&') return 5;
  if (operator == EQUAL || operator == UNEQUAL) return 6;
  if (operator == '<' || operator == '>' || operator == LESS_EQUAL || operator == GREATER_EQUAL) return 7;
  if (operator == '+' || operator == '-') return 8;
  if (operator == '*' || operator == '/' || operator == '%') return 9;
  return 0;
}

int compared(int opcode) {
  bytes3(72, 57, 200); /* cmp rax, rcx */
  bytes3(15, opcode, 192);
  return bytes3(15, 182, 192);
}

/* rax operator rcx */
int operation(int operator) {
  if (operator == '+') return bytes3(72, 1, 200);
  if (operator == '-') return bytes3(72, 41, 200);
  if (operator == '*') return bytes4(72, 15, 175, 193);
  if (operator == '&') return bytes3(72, 33, 200);
  if (operator == '|') return bytes3(72, 9, 200);
  if (operator == '^') return bytes3(72, 49, 200);
  if (operator == EQUAL) return compared(148);
  if (operator == UNEQUAL) return compared(149);
  if (operator == '<') return compared(156);
  if (operator == GREATER_EQUAL) return compared(157);
  if (operator == LESS_EQUAL) return compared(158);
  if (operator == '>') return compared(159);
  bytes2(72, 153); /* cqo */
  bytes3(72, 247, 249); /* idiv rcx */
  if (operator == '%') bytes3(72, 137, 208);
  return 0;
}

int binary(int lowest) {
  int operator;
  int end;
  unary();
  while (level(token) >= lowest && level(token) > 0) {
    operator = token;
    next();
    if (operator == AND || operator == OR) {
      bytes3(72, 133, 192);
      if (operator == AND) end = jump(132);
      else end = jump(133);
      binary(level(operator) + 1);
      land(end);
      truth();
    } else {
      push();
      binary(level(operator) + 1);
      bytes3(72, 137, 193); /* mov rcx, rax */
      byte(88);
      operation(operator);
    }
  }
  return 0;
}

int expression() { return binary(1); }

/* Statements and declarations. */

/* Bytes of what a variable of the type points to: 1 or 8. */
int type() {
  int wide;
  wide = 8;
  if (token == CHAR) wide = 1;
  next();
  while (token == '*') next();
  return wide;
}

int local() {
  int wide;
  int symbol;
  wide = type();
  locals = locals + 8;
  symbol = add(LOCAL, -locals, wide);
  expect(NAME);
  if (token == '[') {
    next();
    locals = locals + token_value * 8;
    symbol_value[symbol] = -locals;
    symbol_wide[symbol] = wide + 8;
    expect(NUMBER);
    expect(']');
  }
  return expect(';');
}

int if_statement() {
  int over;
  int end;
  next();
  expect('(');
  expression();
  expect(')');
  over = jump_if_zero();
  statement();
  if (token == ELSE) {
    next();
    end = jump(233);
    land(over);
    statement();
    return land(end);
  }
  return land(over);
}

int while_statement() {
  int again;
  int over;
  int back;
  again = code_size;
  next();
  expect('(');
  expression();
  expect(')');
  over = jump_if_zero();
  statement();
  back = jump(233);
  number_at(back, again - back - 4);
  return land(over);
}

int statement() {
  if (token == '{') {
    next();
    while (token != '}' && token != END) statement();
    return expect('}');
  }
  if (token == INT || token == CHAR) return local();
  if (token == IF) return if_statement();
  if (token == WHILE) return while_statement();
  if (token == RETURN) {
    next();
    expression();
    bytes2(201, 195); /* leave, ret */
    return expect(';');
  }
  expression();
  return expect(';');
}

int function(int symbol) {
  int first;
  int count;
  int i;
  int frame;
  int wide;
  first = symbols;
  locals = 0;
  expect('(');
  while (token != ')' && token != END) {
    wide = type();
    add(LOCAL, 0, wide);
    expect(NAME);
    if (token != ')') expect(',');
  }
  expect(')');
  count = symbols - first;
  i = 0;
  while (i < count) {
    symbol_value[first + i] = 16 + 8 * (count - 1 - i);
    i = i + 1;
  }
  if (token == ';') {
    symbols = first;
    return next();
  }
  symbol_value[symbol] = code_size;
  byte(85);             /* push rbp */
  bytes3(72, 137, 229); /* mov rbp, rsp */
  bytes3(72, 129, 236); /* sub rsp, number */
  number(0);
  frame = code_size - 4;
  statement();
  bytes2(201, 195);
  number_at(frame, locals);
  symbols = first;
  return 0;
}

int global() {
  int wide;
  int symbol;
  int size;
  wide = type();
  symbol = find();
  if (symbol < 0) symbol = add(VARIABLE, DATA_AT + data_size, wide);
  expect(NAME);
  if (token == '(') {
    if (symbol_kind[symbol] != FUNCTION) {
      symbol_kind[symbol] = FUNCTION;
      symbol_value[symbol] = 0;
    }
    return function(symbol);
  }
  size = 8;
  if (token == '[') {
    next();
    symbol_kind[symbol] = ARRAY;
    size = token_value * wide + 8;
    expect(NUMBER);
    expect(']');
  }
  data_size = data_size + size - size % 8;
  return expect(';');
}

int enumeration() {
  int value;
  int symbol;
  value = 0;
  next();
  expect('{');
  while (token != '}' && token != END) {
    symbol = add(CONSTANT, value, 8);
    expect(NAME);
    if (token == '=') {
      next();
      value = token_value;
      symbol_value[symbol] = value;
      expect(NUMBER);
    }
    value = value + 1;
    if (token != '}') expect(',');
  }
  expect('}');
  return expect(';');
}

/* The system's own functions, and what starts main. */

int system_call(char *name, int number_of_it) {
  text_size = 0;
  while (name[text_size] != 0) {
    text[text_size] = name[text_size];
    text_size = text_size + 1;
  }
  add(FUNCTION, code_size, 8);
  bytes4(72, 139, 124, 36); /* mov rdi, [rsp + 24] */
  byte(24);
  bytes4(72, 139, 116, 36); /* mov rsi, [rsp + 16] */
  byte(16);
  bytes4(72, 139, 84, 36); /* mov rdx, [rsp + 8] */
  byte(8);
  load_number(number_of_it);
  return bytes3(15, 5, 195); /* syscall, ret */
}

int finish() {
  int i;
  int target;
  text[0] = 'm';
  text[1] = 'a';
  text[2] = 'i';
  text[3] = 'n';
  text_size = 4;
  i = find();
  if (i < 0) return fail("there is no main");
  number_at(1, symbol_value[i] - 5); /* the first instruction calls it */
  i = 0;
  while (i < calls) {
    target = symbol_value[call_symbol[i]];
    if (symbol_kind[call_symbol[i]] != FUNCTION || target == 0) fail("a function that is called has no body");
    number_at(call_at[i], target - call_at[i] - 4);
    i = i + 1;
  }
  return 0;
}

char image[200400];
int image_size;

int image_byte(int value) {
  image[image_size] = value;
  image_size = image_size + 1;
  return 0;
}
int image_number(int value, int size) {
  int low;
  while (size > 0) {
    low = value & 255;
    image_byte(low);
    value = (value - low) / 256;
    size = size - 1;
  }
  return 0;
}

/* A segment: where it is in the file and in memory, and its sizes there. */
int segment(int flags, int offset, int address, int file_size, int memory_size) {
  image_number(1, 4);
  image_number(flags, 4);
  image_number(offset, 8);
  image_number(address, 8);
  image_number(address, 8);
  image_number(file_size, 8);
  image_number(memory_size, 8);
  return image_number(4096, 8);
}

int write_image() {
  int i;
  int header;
  header = 176;
  image_byte(127);
  image_byte('E');
  image_byte('L');
  image_byte('F');
  image_number(2 + 256 + 65536, 4); /* 64 bits, little-endian, version 1 */
  image_number(0, 8);
  image_number(2, 2);  /* a program */
  image_number(62, 2); /* for x86-64 */
  image_number(1, 4);
  image_number(CODE_AT, 8);
  image_number(64, 8);
  image_number(0, 8);
  image_number(0, 4);
  image_number(64, 2);
  image_number(56, 2);
  image_number(2, 2);
  image_number(64, 2);
  image_number(0, 4);
  segment(5, 0, CODE_AT - header, code_size + header, code_size + header);
  segment(6, 0, DATA_AT, 0, data_size + 8);
  i = 0;
  while (i < code_size) {
    image_byte(code[i]);
    i = i + 1;
  }
  return 0;
}

int main() {
  int got;
  int done;
  got = 1;
  while (got > 0 && source_size < 190000) {
    got = read(0, source + source_size, 4096);
    if (got > 0) source_size = source_size + got;
  }
  line = 1;
  byte(232); /* call main */
  number(0);
  bytes3(72, 137, 199); /* mov rdi, rax */
  load_number(60);
  bytes2(15, 5); /* exit */
  system_call("read", 0);
  system_call("write", 1);
  next();
  while (token != END) {
    if (token == ENUM) enumeration();
    else {
      if (token == INT || token == CHAR) global();
      else fail("a declaration was expected");
    }
  }
  if (failed == 0) finish();
  if (failed) return 1;
  write_image();
  done = 0;
  while (done < image_size) {
    got = write(1, image + done, image_size - done);
    if (got <= 0) return 1;
    done = done + got;
  }
  return 0;
}
