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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use super::*;

    /// The cursors that pages were asked for with.
    type Asked = Arc<Mutex<Vec<Option<String>>>>;

    type Answer = Result<Page<u8>, &'static str>;

    /// A stream over these answers, in this order.
    fn pages(answers: impl IntoIterator<Item = Answer>) -> (Pages<u8, &'static str>, Asked) {
        let asked = Asked::default();
        let noted = Arc::clone(&asked);
        let mut answers: VecDeque<_> = answers.into_iter().collect();
        let pages = Pages::new(move |cursor| {
            noted.lock().unwrap().push(cursor);
            std::future::ready(answers.pop_front().unwrap())
        });
        (pages, asked)
    }

    async fn all(mut pages: Pages<u8, &'static str>) -> Vec<Result<u8, &'static str>> {
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item);
        }
        // A stream that has ended stays ended, and asks for nothing more.
        assert_eq!(pages.next().await, None);
        items
    }

    fn cursor(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[tokio::test]
    async fn items_of_all_pages_come_in_order_and_each_page_is_asked_for_once() {
        let (stream, asked) =
            pages([Ok((vec![1, 2], cursor("b"))), Ok((vec![3], cursor("c"))), Ok((vec![4], None))]);
        assert_eq!(all(stream).await, [Ok(1), Ok(2), Ok(3), Ok(4)]);
        assert_eq!(*asked.lock().unwrap(), [None, cursor("b"), cursor("c")]);
    }

    #[tokio::test]
    async fn nothing_is_asked_for_before_it_is_needed() {
        let (mut stream, asked) = pages([Ok((vec![1, 2], cursor("b"))), Ok((vec![3], None))]);
        assert!(asked.lock().unwrap().is_empty());
        assert_eq!(stream.next().await, Some(Ok(1)));
        assert_eq!(stream.next().await, Some(Ok(2)));
        assert_eq!(asked.lock().unwrap().len(), 1, "the second page is not needed yet");
        assert_eq!(stream.next().await, Some(Ok(3)));
        assert_eq!(asked.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_page_that_fails_is_the_last_item() {
        let (stream, asked) = pages([Ok((vec![1], cursor("b"))), Err("down"), Ok((vec![2], None))]);
        assert_eq!(all(stream).await, [Ok(1), Err("down")]);
        assert_eq!(asked.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn an_empty_page_ends_the_stream_even_if_it_claims_more() {
        let (stream, asked) = pages([Ok((vec![], cursor("a"))), Ok((vec![1], None))]);
        assert_eq!(all(stream).await, []);
        assert_eq!(asked.lock().unwrap().len(), 1);
    }

    #[test]
    fn debug_shows_how_many_items_wait_and_not_what_they_are() {
        let (mut stream, _) = pages([]);
        stream.items = [171, 172].into();
        assert_eq!(format!("{stream:?}"), "Pages { buffered: 2, .. }");
    }

    #[test]
    fn the_next_cursor_stands_in_the_last_item_of_a_page_that_has_more() {
        let next = |page, last: Option<&serde_json::Value>| next_cursor(&page, last, "/user_id", "/has_more");
        let user = json!({"user_id": "user_2"});
        assert_eq!(next(json!({"has_more": true}), Some(&user)), cursor("user_2"));
        assert_eq!(next(json!({"has_more": false}), Some(&user)), None);
        assert_eq!(next(json!({}), Some(&user)), None);
        assert_eq!(next(json!({"has_more": null}), Some(&user)), None);
        assert_eq!(next(json!({"has_more": true}), None), None);
        assert_eq!(next(json!({"has_more": true}), Some(&json!({"id": "user_2"}))), None);
        assert_eq!(next(json!({"has_more": true}), Some(&json!({"user_id": 2}))), None);
    }
}
