// The shipped weights of the task `language`, frozen by the build, one rung after the other, low to high.
asm(R"(
        .section .rodata
        .balign 64
        .globl boot_models, boot_models_end
boot_models:
        .incbin "models.bin"
boot_models_end:
)");
