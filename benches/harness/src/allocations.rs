//! Counts what is allocated, with the feature `count`.

#[cfg(feature = "count")]
#[allow(unsafe_code, reason = "an allocator is unsafe to write; this one hands everything on")]
mod counting {
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::sync::atomic::{AtomicU64, Ordering};

    pub(super) static COUNT: AtomicU64 = AtomicU64::new(0);
    pub(super) static BYTES: AtomicU64 = AtomicU64::new(0);

    struct Counting;

    #[global_allocator]
    static ALLOCATOR: Counting = Counting;

    fn count(bytes: usize) {
        COUNT.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    // SAFETY: every call goes to the system's allocator as it came.
    unsafe impl GlobalAlloc for Counting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            count(layout.size());
            unsafe { System.alloc(layout) }
        }

        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            count(layout.size());
            unsafe { System.alloc_zeroed(layout) }
        }

        /// A block that grows is one more: it is the same work as a new one, and what has been there is copied.
        unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            count(size.saturating_sub(layout.size()));
            unsafe { System.realloc(block, layout, size) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            unsafe { System.dealloc(block, layout) }
        }
    }
}

/// How many blocks were allocated so far, and how many bytes.
#[cfg(feature = "count")]
pub(crate) fn so_far() -> (u64, u64) {
    use std::sync::atomic::Ordering::Relaxed;
    (counting::COUNT.load(Relaxed), counting::BYTES.load(Relaxed))
}

/// Nothing is counted.
#[cfg(not(feature = "count"))]
pub(crate) fn so_far() -> (u64, u64) {
    (0, 0)
}
