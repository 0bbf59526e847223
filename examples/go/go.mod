module github.com/vivavoce/vivavoce/examples/go

go 1.24

require github.com/vivavoce/vivavoce/ffi/go v0.0.0

replace github.com/vivavoce/vivavoce/ffi/go => ../../ffi/go
