# What only developers of the project want: strict warnings as a private interface target, and short words for tests.
# Nothing here reaches those who link the libraries.

add_library(developer_warnings INTERFACE)
if(RUCHE_DEVELOPER)
  target_compile_options(developer_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
    $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast> -Wcast-qual -Wformat=2 -Werror
    # g++ 12 sees overlaps in std::string's operator+ that aren't there once it optimises (GCC bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
endif()

# Whether this build is under a sanitizer: what is about compilers, or about programs that strangers link, is not tried
# there again.
if("${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_DEBUG}" MATCHES "-fsanitize")
  set(RUCHE_SANITIZED ON)
else()
  set(RUCHE_SANITIZED OFF)
endif()

# developer_test(NAME SOURCES… [LIBRARIES …]) makes one GoogleTest program and registers each of its cases with CTest.
function(developer_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES;PROPERTIES")
  find_package(GTest REQUIRED)
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gtest_main GTest::gmock developer_warnings)
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120 ${arg_PROPERTIES})
endfunction()
