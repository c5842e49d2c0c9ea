//! Lists that come in pages: a stream of their items that asks for the next page when it needs one.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use serde::Serialize;

type Page<T> = (Vec<T>, Option<String>);
type Fetch<T, E> = Pin<Box<dyn Future<Output = Result<Page<T>, E>> + Send>>;

/// The items of all pages, one by one. A failed page is the stream's last item.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<T, E> {
    items: VecDeque<T>,
    fetch: Box<dyn FnMut(Option<String>) -> Fetch<T, E> + Send>,
    state: State<T, E>,
}

enum State<T, E> {
    /// The next page begins after this cursor; `None` is the first.
    Idle(Option<String>),
    /// The page, and the cursor that it was asked for with.
    Fetching(Fetch<T, E>, Option<String>),
    Done,
}

impl<T, E> Pages<T, E> {
    /// A stream over the pages that `fetch` answers with: the items, and the cursor of the next page if there is one.
    #[doc(hidden)]
    pub fn new<F, Fut>(mut fetch: F) -> Self
    where
        F: FnMut(Option<String>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Page<T>, E>> + Send + 'static,
    {
        let fetch = Box::new(move |cursor| Box::pin(fetch(cursor)) as Fetch<T, E>);
        Self { items: VecDeque::new(), fetch, state: State::Idle(None) }
    }

    /// The next item; `None` after the last. The same as the stream's `next()`, without a trait to import.
    ///
    /// # Errors
    /// Those of the operation that fetches a page.
    pub async fn next(&mut self) -> Option<Result<T, E>>
    where
        Self: Unpin,
    {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

// Nothing in it is pinned in place: the future is boxed.
impl<T, E> Unpin for Pages<T, E> {}

impl<T, E> Stream for Pages<T, E> {
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match &mut self.state {
                State::Done => return Poll::Ready(None),
                State::Idle(cursor) => {
                    let cursor = cursor.take();
                    self.state = State::Fetching((self.fetch)(cursor.clone()), cursor);
                }
                State::Fetching(page, asked) => match ready!(page.as_mut().poll(context)) {
                    Ok((items, cursor)) => {
                        // A page that leads nowhere ends the stream even if it claims that there is more: asking again
                        // with the same cursor would never end.
                        let leads_on = !items.is_empty() && cursor != *asked;
                        self.state = match cursor.filter(|_| leads_on) {
                            Some(cursor) => State::Idle(Some(cursor)),
                            None => State::Done,
                        };
                        self.items = items.into();
                    }
                    Err(error) => {
                        self.state = State::Done;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
            }
        }
    }
}

impl<T, E> fmt::Debug for Pages<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("buffered", &self.items.len()).finish_non_exhaustive()
    }
}

/// The cursor of the next page: what stands at `next` in the last item, if the page says at `more` that there is one.
#[doc(hidden)]
pub fn next_cursor<P: Serialize, T: Serialize>(
    page: &P,
    last: Option<&T>,
    next: &str,
    more: &str,
) -> Option<String> {
    let more = serde_json::to_value(page).ok()?.pointer(more)?.as_bool()?;
    let last = serde_json::to_value(last?).ok()?;
    let cursor = last.pointer(next)?.as_str()?.to_owned();
    more.then_some(cursor)
}
