module github.com/vivavoce/vivavoce/ffi/go

go 1.24
