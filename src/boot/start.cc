// From the PVH entry to boot_main.
//
// A PVH loader (qemu -kernel, Xen, Firecracker) enters at pvh_start in 32-bit protected mode, flat segments, paging off, with
// the physical address of its hvm_start_info in EBX. We map the first 4 GiB one to one by 2 MiB pages, switch SSE on, go to long
// mode and call boot_main(start_info). Interrupts stay off for good.
asm(R"(
        .section .note.pvh, "a", @note
        .align 4
        .long 4, 8, 18                  # sizes of name and description; XEN_ELFNOTE_PHYS32_ENTRY
        .asciz "Xen"
        .quad pvh_start

        .section .text.start, "ax"
        .code32
        .globl pvh_start
pvh_start:
        cli
        cld
        movl %ebx, %ebp                 # hvm_start_info
        movl $stack_top, %esp

        # Page tables: one root entry, four directories of 512 pages of 2 MiB.
        movl $directories + 3, %eax     # present, writable
        movl $pointers, %edi
        movl $4, %ecx
1:      movl %eax, (%edi)
        addl $4096, %eax
        addl $8, %edi
        loop 1b
        movl $pointers + 3, root
        movl $0x83, %eax                # present, writable, 2 MiB
        movl $directories, %edi
        movl $2048, %ecx
2:      movl %eax, (%edi)
        addl $0x200000, %eax
        addl $8, %edi
        loop 2b
        movl $root, %eax
        movl %eax, %cr3

        movl %cr4, %eax
        orl $0x620, %eax                # PAE, OSFXSR, OSXMMEXCPT
        movl %eax, %cr4
        movl $0xc0000080, %ecx          # EFER
        rdmsr
        orl $0x100, %eax                # LME
        wrmsr
        movl %cr0, %eax
        andl $0xfffffff3, %eax          # EM, TS off
        orl $0x80000002, %eax           # PG, MP on
        movl %eax, %cr0
        lgdt descriptor
        ljmp $8, $long_mode

        .code64
long_mode:
        movl $16, %eax
        movl %eax, %ds
        movl %eax, %es
        movl %eax, %ss
        movl %ebp, %edi
        call boot_main
3:      hlt
        jmp 3b

        .section .rodata
        .align 8
segments:
        .quad 0
        .quad 0x00af9b000000ffff        # 64-bit code
        .quad 0x00cf93000000ffff        # data
descriptor:
        .word descriptor - segments - 1
        .long segments

        .section .bss
        .align 4096
root:        .skip 4096
pointers:    .skip 4096
directories: .skip 4 * 4096
stack:       .skip 256 * 1024
stack_top:

        .section .note.GNU-stack, "", @progbits
        .text
)");
