# creel_add_function(NAME source...)
#
# Makes a Lambda function of the sources: the program NAME/bootstrap in the current binary folder, one static, stripped
# file that needs nothing else to run. Beside it lies bootstrap.debug, which has the symbols: the frames of a stack
# trace, `bootstrap+0x1234`, become lines with `addr2line -Cfe bootstrap.debug 0x1234`.

# That of the GNU tools first: LLVM's refuses static programs that GNU ld has linked.
find_program(CREEL_STRIP NAMES strip llvm-strip llvm-strip-19 REQUIRED)
mark_as_advanced(CREEL_STRIP)

function(creel_add_function name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE creel::lambda)
  target_compile_options(${name} PRIVATE -ffunction-sections -fdata-sections)
  target_link_options(${name} PRIVATE -static LINKER:--gc-sections)
  set_target_properties(${name} PROPERTIES
    OUTPUT_NAME bootstrap
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${name})
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -E copy $<TARGET_FILE:${name}> $<TARGET_FILE:${name}>.debug
    COMMAND ${CREEL_STRIP} $<TARGET_FILE:${name}>
    VERBATIM)
endfunction()
